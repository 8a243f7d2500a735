namespace Akka.Configuration.Hocon;

/// <summary>A value as written, before substitutions are resolved.</summary>
internal abstract class HoconNode(Place place)
{
    /// <summary>Where it begins.</summary>
    public Place Place { get; } = place;

    /// <summary>
    /// A copy that shares nothing mutable. With a prefix, substitutions first look below it: the copy is included there.
    /// </summary>
    public abstract HoconNode Copy(string[] prefix);
}

/// <summary>Text, or null. Numbers and booleans are text that was not quoted; they keep their spelling.</summary>
internal sealed class LiteralNode(Place place, string? text, bool quoted) : HoconNode(place)
{
    public string? Text { get; } = text;

    public bool Quoted { get; } = quoted;

    public override HoconNode Copy(string[] prefix) => this;
}

/// <summary>White space between two parts of a concatenation; it counts between strings only.</summary>
internal sealed class SpaceNode(Place place, string text) : HoconNode(place)
{
    public string Text { get; } = text;

    public override HoconNode Copy(string[] prefix) => this;
}

/// <summary>An array; an element is a field without a key, so that it resolves like one.</summary>
internal sealed class ArrayNode(Place place, List<Field> elements) : HoconNode(place)
{
    public List<Field> Elements { get; } = elements;

    /// <summary>The finished array, once resolved.</summary>
    public List<HoconValue>? Built { get; set; }

    /// <summary>True while its elements are being finished: whoever meets it then is inside it.</summary>
    public bool Open { get; set; }

    public override HoconNode Copy(string[] prefix) => new ArrayNode(Place, Elements.ConvertAll(e => e.Copy(prefix)));
}

/// <summary><c>${path}</c> or <c>${?path}</c>.</summary>
internal sealed class SubstitutionNode(Place place, string[] path, bool optional, string[][] prefixes) : HoconNode(place)
{
    public string[] Path { get; } = path;

    public bool Optional { get; } = optional;

    /// <summary>Where the texts that include this one put it, innermost first: the path is looked up below each, then at the root.</summary>
    public string[][] Prefixes { get; } = prefixes;

    public override HoconNode Copy(string[] prefix)
    {
        if (prefix.Length == 0)
            return this;
        var prefixes = new string[Prefixes.Length + 1][];
        for (int i = 0; i < Prefixes.Length; i++)
            prefixes[i] = [.. prefix, .. Prefixes[i]];
        prefixes[^1] = prefix;
        return new SubstitutionNode(Place, Path, Optional, prefixes);
    }

    public override string ToString() => $"${{{(Optional ? "?" : "")}{KeyPath.Format(Path)}}}";
}

/// <summary>Several values on one line, to be joined.</summary>
internal sealed class ConcatenationNode(Place place, List<HoconNode> parts) : HoconNode(place)
{
    public List<HoconNode> Parts { get; } = parts;

    public override HoconNode Copy(string[] prefix) => new ConcatenationNode(Place, Parts.ConvertAll(p => p.Copy(prefix)));
}

/// <summary>What <c>+=</c> adds to the field's earlier value.</summary>
internal sealed class AppendNode(Place place, List<Field> elements) : HoconNode(place)
{
    public List<Field> Elements { get; } = elements;

    public override HoconNode Copy(string[] prefix) => new AppendNode(Place, Elements.ConvertAll(e => e.Copy(prefix)));
}
