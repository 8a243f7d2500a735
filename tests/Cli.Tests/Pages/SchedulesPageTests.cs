using System.Text.RegularExpressions;
using System.Xml.Linq;
using Actors.Cli.Pages;
using Actors.Schedules;

namespace Actors.Cli.Tests.Pages;

/// <summary>docs/schedules.md and its pictures are what the library makes of the template.</summary>
public sealed partial class SchedulesPageTests : IDisposable
{
    private static readonly string Docs = Path.GetFullPath(CheckoutFiles.Find("docs")!);

    private static readonly string Template = File.ReadAllText(Path.Combine(Docs, SchedulesPage.TemplateFile));

    private static readonly SchedulesPage Page = SchedulesPage.Make(Template);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Files() => [.. Page.Files.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public void The_files_are_what_the_command_would_write(string file)
    {
        string path = Path.Combine(Docs, file);
        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == Page.Files[file],
            $"docs/{file} is not what the library makes now; write it again with: {SchedulesPage.Command}");
    }

    [Fact]
    public void No_picture_is_left_of_a_schedule_that_is_gone()
    {
        IEnumerable<string> pictures = Directory.GetFiles(Path.Combine(Docs, SchedulesPage.PictureFolder))
            .Select(path => $"{SchedulesPage.PictureFolder}/{Path.GetFileName(path)}");

        Assert.Empty(pictures.Except(Page.Files.Keys));
    }

    [Fact]
    public void Every_schedule_has_a_section_with_a_picture_and_every_one_that_trains_a_row_of_the_table()
    {
        string page = Page.Files[SchedulesPage.PageFile];
        foreach (ISchedule schedule in ScheduleCatalog.All)
        {
            Assert.Contains($"\n### {schedule.Name}\n", page, StringComparison.Ordinal);
            Assert.Contains($"](images/schedules/{schedule.Name}.svg)", page, StringComparison.Ordinal);
            Assert.Equal(schedule != ScheduleCatalog.ForwardOnly, Regex.IsMatch(page, $@"\n\| {schedule.Name}(\\\*)? \|"));
        }
    }

    [Fact]
    public void A_picture_shows_the_step_of_the_table()
    {
        string page = Page.Files[SchedulesPage.PageFile];
        foreach (Match row in Row().Matches(page))
        {
            XDocument picture = XDocument.Parse(Page.Files[$"{SchedulesPage.PictureFolder}/{row.Groups["name"].Value}.svg"]);
            string subtitle = picture.Root!.Elements().First(element => (string?)element.Attribute("class") == "sub").Value;

            Assert.StartsWith($"step time {row.Groups["step"].Value}, bubble {row.Groups["bubble"].Value};", subtitle, StringComparison.Ordinal);
        }

        Assert.Equal(ScheduleCatalog.All.Length - 1, Row().Count(page));
    }

    [Fact]
    public void A_picture_fits_a_page()
    {
        foreach ((string file, string content) in Page.Files.Where(file => file.Key != SchedulesPage.PageFile))
        {
            Assert.True(content.Length < 60_000, $"{file} has {content.Length} characters");
            Assert.InRange((int)XDocument.Parse(content).Root!.Attribute("width")!, 600, 1420);
        }
    }

    [Fact]
    public void Links_within_the_page_lead_to_a_heading_and_others_to_a_file()
    {
        string page = Page.Files[SchedulesPage.PageFile];
        HashSet<string> headings = [.. Heading().Matches(page).Select(heading => heading.Groups[1].Value.ToLowerInvariant().Replace(' ', '-'))];
        foreach (Match link in Link().Matches(page))
        {
            string target = link.Groups[1].Value;
            bool leads = target.StartsWith('#') ? headings.Contains(target[1..])
                : target.StartsWith("https://", StringComparison.Ordinal) || Page.Files.ContainsKey(target) || File.Exists(Path.Combine(Docs, target));
            Assert.True(leads, $"{target} leads nowhere");
        }
    }

    [Fact]
    public void The_command_writes_the_files_below_the_folder_that_has_the_template()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "templates"));
        File.WriteAllText(Path.Combine(_folder.Path, SchedulesPage.TemplateFile), Template);

        CommandRun run = CommandRun.Of("schedule", "docs", "--output", _folder.Path);

        Assert.Equal((0, $"{Page.Files.Count} files written to {_folder.Path}\n"), (run.Code, run.Error));
        Assert.All(Page.Files, file => Assert.Equal(file.Value, File.ReadAllText(Path.Combine(_folder.Path, file.Key))));
    }

    [Fact]
    public void Help_does_not_show_the_command_for_contributors()
        => Assert.DoesNotContain("docs", CommandRun.Of("schedule", "--help").Output, StringComparison.Ordinal);

    [Theory]
    [InlineData("a\n{{schedule pipedream}}\n", "templates/schedules.md, line 2: nothing is made for 'schedule pipedream'; write table, or schedule and a schedule's name")]
    [InlineData("{{tables}}\n", "templates/schedules.md, line 1: nothing is made for 'tables'; write table, or schedule and a schedule's name")]
    [InlineData("{{table}}\n", "templates/schedules.md has no section for gpipe; write one with a line {{schedule gpipe}}")]
    public void A_wrong_template_is_refused_with_its_line(string template, string message)
        => Assert.Equal(message, Assert.Throws<UsageException>(() => SchedulesPage.Make(template)).Message);

    [Fact]
    public void A_folder_without_a_template_is_refused()
    {
        CommandRun run = CommandRun.Of("schedule", "docs", "--output", _folder.Path);
        Assert.Equal(2, run.Code);
        Assert.Contains("can't be read", run.Error, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| (?<name>[a-z0-9-]+)(\\\*)? \|( \S+ \|){3} (?<step>\S+) \| \S+ \| (?<bubble>\S+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\]\(([^)]+)\)")]
    private static partial Regex Link();
}
