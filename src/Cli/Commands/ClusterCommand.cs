using System.CommandLine;
using Actors.Cli.Requests;
using Actors.Runtime.Cluster.Processes;

namespace Actors.Cli.Commands;

/// <summary><c>actors cluster</c>: looks after a cluster from outside.</summary>
internal static class ClusterCommand
{
    public static Command Create(Terminal terminal, IModelRuns runs)
    {
        var command = new Command("cluster", "Look after a cluster from outside");
        command.Add(CreateStatus(terminal, runs));
        return command;
    }

    private static Command CreateStatus(Terminal terminal, IModelRuns runs)
    {
        var address = new Argument<string>("HOST:PORT") { Description = "Address of one of its processes" };
        var status = new CommandWithExamples("status", "Say which processes a cluster has and what it does", "cluster status 127.0.0.1:4053") { address };
        SettingsOptions settings = SettingsOptions.WithoutProfile(status);
        status.SetAction(async parsed =>
        {
            ClusterDescribed cluster = await runs.DescribeClusterAsync(settings.AddressOf(parsed, parsed.GetValue(address)!));
            terminal.Output.WriteLine(cluster.Run);
            foreach (ProcessState process in cluster.Processes)
            {
                string nodes = process.Nodes.IsEmpty ? "" : $", nodes {string.Join(", ", process.Nodes)}";
                terminal.Output.WriteLine($"{process.Address} {process.Name}: {process.State}{nodes}");
            }

            return ExitCode.Success;
        });
        return status;
    }
}
