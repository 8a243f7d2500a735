using System.CommandLine;
using Actors.LoadTests.Reporting;

namespace Actors.LoadTests.CommandLine;

/// <summary>The options of every scenario that say which files its report is written to.</summary>
internal sealed class ReportOptions
{
    private readonly Option<string?> _json = new("--json") { Description = "Write the results for machines", HelpName = "FILE" };

    private readonly Option<string?> _html = new("--html") { Description = "Write the results as a page", HelpName = "FILE" };

    /// <summary>Adds the options to a scenario.</summary>
    public ReportOptions(Command scenario)
    {
        scenario.Add(_json);
        scenario.Add(_html);
    }

    /// <summary>Prints a report and writes the files.</summary>
    public void Show(ParseResult parsed, Report report) => ReportFiles.Show(report, parsed.GetValue(_json), parsed.GetValue(_html));
}
