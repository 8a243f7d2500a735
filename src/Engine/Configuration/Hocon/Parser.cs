namespace Akka.Configuration.Hocon;

/// <summary>Parses HOCON texts, as the specification in the repository lightbend/config (HOCON.md) has it.</summary>
public static class Parser
{
    private const int MaxIncludes = 32;

    [ThreadStatic]
    private static int _includes;

    /// <summary>
    /// Parses a text and what it includes. Substitutions are resolved when <see cref="HoconRoot.Value"/> is read, so that a text
    /// made to be included may refer to keys of the text that includes it.
    /// </summary>
    /// <param name="text">The text; JSON is HOCON too.</param>
    /// <param name="includeCallback">
    /// Gives the root for the name in an include statement; null, or a FileNotFoundException or DirectoryNotFoundException, says
    /// that there is none. Null when the text may include nothing.
    /// </param>
    /// <returns>The root of the tree.</returns>
    /// <exception cref="ConfigurationException">The text is malformed, or a required include is missing.</exception>
    public static HoconRoot Parse(string text, Func<string, HoconRoot?>? includeCallback)
    {
        ArgumentNullException.ThrowIfNull(text);
        var source = new SourceText();
        if (_includes >= MaxIncludes)
        {
            throw new HoconException(
                new Place(source, 1, 1),
                $"includes nest deeper than {MaxIncludes} texts, so this one probably includes itself; break the cycle.");
        }

        _includes++;
        try
        {
            return new HoconRoot(source, new HoconGrammar(source, text, includeCallback).ParseDocument());
        }
        finally
        {
            _includes--;
        }
    }
}
