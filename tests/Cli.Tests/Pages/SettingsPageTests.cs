using System.Text.RegularExpressions;
using Actors.Cli.Pages;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Tests.Pages;

/// <summary>docs/settings.md is what the command makes of the template and reference.conf.</summary>
public sealed partial class SettingsPageTests : IDisposable
{
    private static readonly string Docs = Path.GetFullPath(CheckoutFiles.Find("docs")!);

    private static readonly string Template = File.ReadAllText(Path.Combine(Docs, SettingsPage.TemplateFile));

    private static readonly string Page = SettingsPage.Make(Template)[SettingsPage.PageFile];

    private readonly TemporaryFolder _folder = new();

    private static IReadOnlyList<EffectiveSetting> Defaults => ActorsSettings.Read(LayeredConfiguration.Load(profile: null)).Effective;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_page_is_what_the_command_would_write() => Assert.True(
        File.ReadAllText(Path.Combine(Docs, SettingsPage.PageFile)) == Page,
        $"docs/{SettingsPage.PageFile} is not what reference.conf and the template make now; write it again with: {SettingsPage.Command}");

    [Fact]
    public void Every_key_stands_on_the_page_and_no_other()
        => Assert.Equal(Defaults.Select(setting => setting.Key).Order(StringComparer.Ordinal), Rows().Select(row => row.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void A_key_is_in_its_sections_table()
    {
        foreach (string section in Page.Split("\n## `")[1..])
        {
            string name = section[..section.IndexOf('`', StringComparison.Ordinal)];
            Assert.All(Row().Matches(section), row => Assert.Matches($@"^{Regex.Escape(name)}\.[a-z0-9-]+$", row.Groups["key"].Value));
            Assert.Matches(@"^[a-z.-]+`\n\n\S.*\.\n\n\| key \|", section);
        }
    }

    [Fact]
    public void A_default_on_the_page_is_the_value_in_force()
    {
        IEnumerable<ConfigurationOverride> written = Rows().Select(row => ConfigurationOverride.Parse($"{row.Key}={row.Default}"));
        var set = ActorsSettings.Read(LayeredConfiguration.Load(profile: null, written));

        Assert.Equal(Defaults.Select(setting => (setting.Key, setting.Value)), set.Effective.Select(setting => (setting.Key, setting.Value)));
    }

    [Fact]
    public void A_key_of_the_model_has_its_name_in_config_json_in_a_column_of_its_own()
    {
        foreach ((string key, _, string meaning, string hub) in Rows())
        {
            Assert.Equal(ModelKeys.All.FirstOrDefault(model => model.FullKey == key)?.HubKey ?? "", hub.Trim('`'));
            Assert.EndsWith(".", meaning, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Links_lead_to_a_file_and_a_heading_of_it()
    {
        foreach (Match link in Link().Matches(Page))
        {
            string[] target = link.Groups[1].Value.Split('#');
            string path = Path.Combine(Docs, target[0]);
            Assert.True(target[0].StartsWith("https://", StringComparison.Ordinal) || File.Exists(path), $"{target[0]} leads nowhere");
            if (target.Length > 1)
            {
                Assert.Contains($"\n## `{target[1]}`\n", File.ReadAllText(path), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void The_command_writes_the_page_into_the_folder_that_has_the_template()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "templates"));
        File.WriteAllText(Path.Combine(_folder.Path, SettingsPage.TemplateFile), Template);

        CommandRun run = CommandRun.Of("config", "docs", "--output", _folder.Path);

        Assert.Equal((0, $"1 file written to {_folder.Path}\n"), (run.Code, run.Error));
        Assert.Equal(Page, File.ReadAllText(Path.Combine(_folder.Path, SettingsPage.PageFile)));
    }

    [Fact]
    public void Help_does_not_show_the_command_for_contributors()
        => Assert.DoesNotContain("docs", CommandRun.Of("config", "--help").Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("a\n{{section}}\n", "templates/settings.md, line 2: nothing is made for 'section'; write sections")]
    [InlineData("a\n", "templates/settings.md has no place for the settings; write a line {{sections}}")]
    public void A_wrong_template_is_refused(string template, string message)
        => Assert.Equal(message, Assert.Throws<UsageException>(() => SettingsPage.Make(template)).Message);

    private static IEnumerable<(string Key, string Default, string Meaning, string Hub)> Rows() => Row().Matches(Page)
        .Select(row => (row.Groups["key"].Value, row.Groups["default"].Value, row.Groups["meaning"].Value, row.Groups["hub"].Value.Trim()));

    [GeneratedRegex(@"^\| `(?<key>actors\.[a-z0-9.-]+)` \| `(?<default>[^`]+)` \| (?<meaning>[^|]+?) \|(?<hub>[^|\n]*)", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();
}
