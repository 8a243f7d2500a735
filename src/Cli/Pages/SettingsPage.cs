namespace Actors.Cli.Pages;

/// <summary>docs/settings.md: every setting with its default and meaning, from reference.conf. The prose is a template.</summary>
internal static class SettingsPage
{
    /// <summary>The template, in the folder of the page.</summary>
    public const string TemplateFile = "templates/settings.md";

    /// <summary>The page, in its folder.</summary>
    public const string PageFile = "settings.md";

    /// <summary>What writes the page again.</summary>
    public const string Command = "dotnet run -c Release --project src/Cli -- config docs";

    private const string Place = "sections";

    /// <summary>Makes the page: its path in the folder of the page, with its content.</summary>
    /// <exception cref="UsageException">The template has a place for which nothing is made, or none for the settings.</exception>
    public static IReadOnlyDictionary<string, string> Make(string template)
    {
        bool isFilled = false;
        string page = PageTemplate.Fill(template, TemplateFile, Place, place =>
        {
            bool isKnown = place == Place;
            isFilled |= isKnown;
            return isKnown ? string.Join("\n\n", SettingsSection.OfReference().Select(section => section.ToMarkdown())) : null;
        });
        return isFilled
            ? new Dictionary<string, string> { [PageFile] = $"<!-- Made from {TemplateFile} by: {Command} -->\n\n{page}" }
            : throw new UsageException($"{TemplateFile} has no place for the settings; write a line {{{{{Place}}}}}");
    }
}
