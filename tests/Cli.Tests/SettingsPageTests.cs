using System.Text.RegularExpressions;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Tests;

/// <summary>docs/settings.md and reference.conf name the same keys.</summary>
public sealed partial class SettingsPageTests
{
    [Fact]
    public void Every_key_stands_on_the_page_and_no_other()
    {
        string page = File.ReadAllText(CheckoutFiles.Find("docs/settings.md")!);
        IEnumerable<string> documented = Row().Matches(page).Select(row => row.Groups[1].Value);

        IEnumerable<string> keys = ActorsSettings.Read(LayeredConfiguration.Load(profile: null)).Effective.Select(setting => setting.Key);

        Assert.Equal(keys.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(@"^\| `(actors\.[a-z0-9.-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
