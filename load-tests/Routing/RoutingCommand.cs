using System.CommandLine;
using Actors.LoadTests.CommandLine;

namespace Actors.LoadTests.Routing;

/// <summary><c>routing</c>: reads options, runs the scenario, reports.</summary>
internal static class RoutingCommand
{
    private const string Description =
        "Every rank sends N tokens through gate, dispatch, identity experts and combine; all ranks in one process, with --nodes in turns "
        + "also by processes of their own. Steps: check (weight sum times itself), warm up, keep constant (closed loop: throughput), inject (open loop: latency).";

    public static Command Create()
    {
        var command = new Command("routing", Description);
        var arguments = new RoutingArguments(command);
        var report = new ReportOptions(command);
        command.SetAction(async (parsed, _) =>
        {
            RoutingOptions options = arguments.Read(parsed);
            string[] same = [.. parsed.Tokens.Skip(1).Select(token => token.Value)];
            report.Show(parsed, RoutingReport.Of(await new RoutingScenario(options, same, Console.Error.WriteLine).RunAsync()));
            return 0;
        });
        return command;
    }
}
