using System.Text.RegularExpressions;
using Actors.Runtime.Diagnostics;

namespace Actors.Runtime.Tests.Diagnostics;

/// <summary>docs/observability.md lists the instruments, each with its unit, and no others.</summary>
public sealed partial class ObservabilityPageTests
{
    [Fact]
    public void Every_instrument_stands_on_the_page_with_its_unit_and_no_other()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "observability.md"));
        IEnumerable<string> documented = Row().Matches(page).Select(row => $"{row.Groups[1].Value} {row.Groups[2].Value}");

        using var meters = new RuntimeMeters();
        using var recorded = new RecordingMeters(meters);
        IEnumerable<string> instruments = recorded.Instruments.Select(instrument => $"{instrument.Name} {instrument.Unit}");

        Assert.Equal(instruments.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_instrument_names_its_unit_and_meaning()
    {
        using var meters = new RuntimeMeters();
        using var recorded = new RecordingMeters(meters);

        Assert.All(recorded.Instruments, instrument => Assert.True(instrument is { Unit.Length: > 0, Description.Length: > 0 }, instrument.Name));
    }

    [GeneratedRegex(@"^\| `(actors\.[a-z0-9._]+)` \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
