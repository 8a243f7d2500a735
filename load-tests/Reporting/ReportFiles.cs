namespace Actors.LoadTests.Reporting;

/// <summary>Shows a report and writes the files that were asked for.</summary>
internal static class ReportFiles
{
    public static void Show(Report report, string? jsonPath, string? htmlPath)
    {
        var place = RunPlace.Here();
        Console.Write(TextReport.Of(report, place));
        if (jsonPath is not null)
        {
            using FileStream stream = File.Create(jsonPath);
            JsonReport.Write(report, place, stream);
        }

        if (htmlPath is not null)
        {
            File.WriteAllText(htmlPath, HtmlReport.Of(report, place));
        }
    }
}
