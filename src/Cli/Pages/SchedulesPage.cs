using Actors.Schedules;
using Actors.Schedules.Comparison;

namespace Actors.Cli.Pages;

/// <summary>
/// docs/schedules.md: every schedule at one size with its picture and its figures, and a table over all. The prose is a template; all
/// numbers and pictures are made by the library.
/// </summary>
internal sealed class SchedulesPage
{
    /// <summary>The template, in the folder of the page.</summary>
    public const string TemplateFile = "templates/schedules.md";

    /// <summary>The page, in its folder.</summary>
    public const string PageFile = "schedules.md";

    /// <summary>The folder of the pictures, in that of the page.</summary>
    public const string PictureFolder = "images/schedules";

    /// <summary>What writes the page again.</summary>
    public const string Command = "dotnet run -c Release --project src/Cli -- schedule docs";

    private const string Place = "schedule ";

    private static readonly ComparisonRequest Request = new(Ranks: 8, MicroBatches: 20) { EqualBy = EqualBy.Ranks };

    private readonly ScheduleComparison _comparison = ScheduleComparison.Of(Request);
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    private SchedulesPage(string template)
    {
        string page = PageTemplate.Fill(template, TemplateFile, "table, or schedule and a schedule's name", Fill);
        _files[PageFile] = $"<!-- Made from {TemplateFile} by: {Command} -->\n\n{page}";
        if (ScheduleCatalog.All.FirstOrDefault(schedule => !_files.ContainsKey(ScheduleSection.PictureFile(schedule))) is { } missing)
        {
            throw new UsageException($"{TemplateFile} has no section for {missing.Name}; write one with a line {{{{{Place}{missing.Name}}}}}");
        }
    }

    /// <summary>What is written: paths in the folder of the page, with their content.</summary>
    public IReadOnlyDictionary<string, string> Files => _files;

    /// <summary>Makes the page and its pictures.</summary>
    /// <exception cref="UsageException">The template has a place for which nothing is made, or none for a schedule.</exception>
    public static SchedulesPage Make(string template) => new(template);

    private string? Fill(string place)
    {
        if (place == "table")
        {
            return ComparisonTable.ToMarkdown(_comparison).TrimEnd('\n');
        }

        return place.StartsWith(Place, StringComparison.Ordinal) && ScheduleCatalog.TryFind(place[Place.Length..], out ISchedule? schedule, out _)
            ? Section(schedule)
            : null;
    }

    private string Section(ISchedule schedule)
    {
        ScheduleFigures? figures = _comparison.Schedules.FirstOrDefault(compared => compared.Name == schedule.Name)?.Figures;
        var size = new PipelineSize(figures?.Ranks ?? Request.Ranks, figures?.MicroBatches ?? Request.MicroBatches);
        ScheduleSection section = ScheduleSection.Of(schedule, size);
        _files[ScheduleSection.PictureFile(schedule)] = section.Picture;
        return section.Markdown;
    }
}
