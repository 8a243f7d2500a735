namespace Actors.Runtime.Configuration;

/// <summary>One line of the configuration: a key with its value, as a layer gives it.</summary>
/// <param name="Key">Full key; a part with odd characters stands in double quotes.</param>
/// <param name="Value">Parts that together make the value.</param>
/// <param name="Origin">Where it is written.</param>
internal sealed record Assignment(string Key, IReadOnlyList<ValuePart> Value, KeyOrigin Origin)
{
    /// <summary>The substitution that is the whole value; null where the value is something else.</summary>
    public SubstitutionPart? SoleSubstitution => Value is [SubstitutionPart part] ? part : null;

    /// <summary>Whether the value is an object without keys.</summary>
    public bool IsEmptyObject => Value is [EmptyObjectPart];

    /// <summary>Whether <paramref name="key"/> stands inside <paramref name="section"/>.</summary>
    public static bool IsInside(string key, string section) =>
        key.Length > section.Length && key[section.Length] == '.' && key.StartsWith(section, StringComparison.Ordinal);
}
