using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Reporting;

namespace Actors.LoadTests.Routing;

/// <summary><c>routing</c>: reads options, runs the scenario, reports.</summary>
internal static class RoutingCommand
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var reader = new OptionReader(arguments);
        if (reader.WantsHelp)
        {
            Console.WriteLine(RoutingOptions.Help);
            return 0;
        }

        var options = RoutingOptions.Read(reader);
        RoutingResult result = await new RoutingScenario(options, Console.Error.WriteLine).RunAsync();
        ReportFiles.Show(RoutingReport.Of(result), options.JsonPath, options.HtmlPath);
        return 0;
    }
}
