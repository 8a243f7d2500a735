namespace Actors.Runtime.Configuration;

/// <summary>Where a key got its value.</summary>
/// <param name="Source">A file as it was named, <c>reference.conf</c>, or the option of the command that set it.</param>
/// <param name="Line">Line in the file, from 1; 0 where there is no file or the line is not known.</param>
public readonly record struct KeyOrigin(string Source, int Line)
{
    internal const string Defaults = "reference.conf";

    /// <summary>Whether nobody set the key.</summary>
    public bool IsDefault => Source == Defaults;

    /// <summary>Whether it was set on the command line.</summary>
    public bool IsOption => Source.StartsWith("--", StringComparison.Ordinal);

    /// <summary>Source and line for people.</summary>
    public override string ToString() => Line > 0 ? $"{Source}, line {Line}" : Source;
}
