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
        command.Add(CreateLeave(terminal, runs));
        command.Add(CreateDown(terminal, runs));
        return command;
    }

    private static Argument<string> Address(string description) => new("HOST:PORT") { Description = description };

    private static Command CreateStatus(Terminal terminal, IModelRuns runs)
    {
        Argument<string> address = Address("Address of one of its processes");
        var status = new CommandWithExamples("status", "Say which processes a cluster has and what it does", "cluster status 127.0.0.1:4053") { address };
        SettingsOptions settings = SettingsOptions.WithoutProfile(status);
        status.SetAction(async parsed =>
        {
            ClusterDescribed cluster = await runs.DescribeClusterAsync(settings.AddressOf(parsed, parsed.GetValue(address)!));
            terminal.Output.WriteLine(cluster.Run);
            foreach (ProcessState process in cluster.Processes)
            {
                string nodes = process.Nodes.IsEmpty ? "" : $", nodes {string.Join(", ", process.Nodes)}";
                string device = process.Device.Length == 0 ? "" : $", {process.Device}";
                terminal.Output.WriteLine($"{process.Address} {process.Name}{device}: {process.State}{nodes}");
            }

            return ExitCode.Success;
        });
        return status;
    }

    private static Command CreateLeave(Terminal terminal, IModelRuns runs)
    {
        Argument<string> address = Address("Address of the process");
        var leave = new CommandWithExamples(
            "leave", "Have a process leave in good order: its share of a run is saved and placed on the others, then it ends",
            "cluster leave 10.0.0.2:4053") { address };
        SettingsOptions settings = SettingsOptions.WithoutProfile(leave);
        leave.SetAction(async parsed =>
        {
            terminal.Output.WriteLine(await runs.ChangeClusterAsync(settings.AddressOf(parsed, parsed.GetValue(address)!), new LeaveCluster(null)));
            return ExitCode.Success;
        });
        return leave;
    }

    private static Command CreateDown(Terminal terminal, IModelRuns runs)
    {
        Argument<string> address = Address("Address of a process of the cluster, which is asked");
        var member = new Option<string?>("--member") { Description = "Address of the lost process; the one that is asked where none is given", HelpName = "HOST:PORT" };
        var down = new CommandWithExamples(
            "down", "Declare a lost process dead, rather than wait until the others are sure", "cluster down 10.0.0.1:4053 --member 10.0.0.2:4053") { address, member };
        SettingsOptions settings = SettingsOptions.WithoutProfile(down);
        down.SetAction(async parsed =>
        {
            terminal.Output.WriteLine(await runs.ChangeClusterAsync(
                settings.AddressOf(parsed, parsed.GetValue(address)!), new DownProcess(parsed.GetValue(member))));
            return ExitCode.Success;
        });
        return down;
    }
}
