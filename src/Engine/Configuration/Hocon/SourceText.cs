namespace Akka.Configuration.Hocon;

/// <summary>One text that is parsed. Its name becomes known only where it is included, so the places in it share this object.</summary>
internal sealed class SourceText
{
    /// <summary>The name under which the text was included, or null for a text that the program passed.</summary>
    public string? Name { get; set; }
}

/// <summary>A place in a text; line and column count from 1.</summary>
internal readonly record struct Place(SourceText? Source, int Line, int Column)
{
    public override string ToString() =>
        Source?.Name is { } name ? $"{name.ReplaceLineEndings(" ")}, line {Line}, column {Column}" : $"line {Line}, column {Column}";
}
