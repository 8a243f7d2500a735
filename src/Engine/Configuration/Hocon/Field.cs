namespace Akka.Configuration.Hocon;

/// <summary>All that a text says about one field, oldest first, and how far its resolution has come.</summary>
internal sealed class Field
{
    private const int MaxDefinitions = 1 << 16;

    public Field()
        : this([])
    {
    }

    public Field(HoconNode only)
        : this([only])
    {
    }

    private Field(List<HoconNode> definitions) => Definitions = definitions;

    /// <summary>The values given to the field, each over the ones before it. Never empty once parsed.</summary>
    public List<HoconNode> Definitions { get; }

    /// <summary>The definition that is being evaluated, or -1. A reference to the field from there means the definitions below.</summary>
    public int Current { get; set; } = -1;

    /// <summary>What the lowest n definitions give, by n, as far as known; null is "undefined".</summary>
    public Dictionary<int, HoconNode?>? Known { get; set; }

    /// <summary>Whether it certainly replaces what lies below: its oldest definition is no object and can't become one.</summary>
    private bool HidesBelow => Definitions[0] is LiteralNode or ArrayNode or ObjectNode { HidesBelow: true };

    /// <summary>Gives the field a further value.</summary>
    public void Define(HoconNode value)
    {
        if (value is LiteralNode or ArrayNode or ObjectNode { HidesBelow: true })
            Definitions.Clear();
        if (value is ObjectNode later && Definitions.Count > 0 && Definitions[^1] is ObjectNode earlier)
            earlier.Absorb(later);
        else
            Definitions.Add(value);
    }

    /// <summary>Adds an element to the field's earlier value; a run of such additions stays one definition.</summary>
    public void Append(Place place, HoconNode element)
    {
        HoconNode? top = Definitions.Count > 0 ? Definitions[^1] : null;
        if (top is ArrayNode array)
            array.Elements.Add(new Field(element));
        else if (top is AppendNode append)
            append.Elements.Add(new Field(element));
        else
            Definitions.Add(new AppendNode(place, [new Field(element)]));
    }

    /// <summary>The field that results from laying <paramref name="upper"/> over <paramref name="lower"/>; neither changes.</summary>
    public static Field Stack(Field lower, Field upper, Place place)
    {
        if (ReferenceEquals(lower, upper) || upper.HidesBelow)
            return upper;
        if (lower.Definitions.Count + upper.Definitions.Count > MaxDefinitions)
            throw new HoconException(place, $"more than {MaxDefinitions} values are merged into one field; shorten the chain of substitutions.");
        return new Field([.. lower.Definitions, .. upper.Definitions]);
    }

    public Field Copy(string[] prefix) => new(Definitions.ConvertAll(d => d.Copy(prefix)));
}
