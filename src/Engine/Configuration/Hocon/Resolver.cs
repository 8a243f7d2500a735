using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>
/// Evaluates nodes: merges definitions and replaces substitutions. An object's fields wait until they are asked for, so an object
/// may refer into itself; a field that is asked for while it is evaluated answers with what lies below the definition at hand.
/// </summary>
internal sealed class Resolver(HoconNode root)
{
    private const int MaxChain = 400;
    private const int MaxCharacters = 1 << 24;
    private const int MaxElements = 1 << 18;

    private int _chain;
    private bool _lookedBack;

    /// <summary>The value of a field: a literal, an array or an object, or null when it is undefined.</summary>
    public HoconNode? Evaluate(Field field)
    {
        if (field.Definitions is [LiteralNode or ArrayNode or ObjectNode])
            return field.Definitions[0];
        if (field.Current < 0)
            return Evaluate(field, field.Definitions.Count);
        _lookedBack = true;
        return Evaluate(field, field.Current);
    }

    /// <summary>Evaluates the lowest <paramref name="count"/> definitions, from the top down to the first that hides the rest.</summary>
    private HoconNode? Evaluate(Field field, int count)
    {
        if (count == 0)
            return null;
        field.Known ??= [];
        if (field.Known.TryGetValue(count, out HoconNode? known))
            return known;
        if (++_chain > MaxChain)
            throw new HoconException(field.Definitions[0].Place, $"more than {MaxChain} substitutions depend on one another; shorten the chain.");
        int outer = field.Current;
        HoconNode? result = null;
        for (int i = count - 1; i >= 0 && result is null or ObjectNode { HidesBelow: false }; i--)
        {
            field.Current = i;
            result = Under(result as ObjectNode, Evaluate(field, i, field.Definitions[i]));
        }

        field.Current = outer;
        field.Known.Add(count, result);
        _chain--;
        return result;
    }

    private static HoconNode? Under(ObjectNode? upper, HoconNode? lower) => (upper, lower) switch
    {
        (null, _) => lower,
        (_, null) => upper,
        (_, ObjectNode below) => upper.Over(below),
        _ => new ObjectNode(upper.Place, upper.Fields, hidesBelow: true),
    };

    private HoconNode? Evaluate(Field field, int index, HoconNode definition) => definition switch
    {
        SubstitutionNode substitution => LookUp(substitution),
        ConcatenationNode concatenation => Concatenate(concatenation),
        AppendNode append => Append(append, Evaluate(field, index)),
        _ => definition,
    };

    private HoconNode? LookUp(SubstitutionNode substitution)
    {
        bool before = _lookedBack;
        _lookedBack = false;
        HoconNode? found = null;
        foreach (string[] prefix in substitution.Prefixes)
            found ??= Find([.. prefix, .. substitution.Path]);
        found ??= Find(substitution.Path) ?? FromEnvironment(substitution);
        if (found is null && !substitution.Optional)
        {
            throw new HoconException(substitution.Place, _lookedBack
                ? $"{substitution} leads back to itself, and the field has no earlier value; break the cycle."
                : $"{substitution} has no value; set {KeyPath.Format(substitution.Path)}, or write ${{?...}} if it may be absent.");
        }

        _lookedBack |= before;
        return found;
    }

    private HoconNode? Find(ReadOnlySpan<string> path)
    {
        HoconNode? node = root;
        foreach (string key in path)
        {
            if (node is not ObjectNode owner || !owner.Fields.TryGetValue(key, out Field? field))
                return null;
            node = Evaluate(field);
        }

        return node;
    }

    private static LiteralNode? FromEnvironment(SubstitutionNode substitution)
    {
        string name = string.Join('.', substitution.Path);
        string? value = name.Length == 0 || name.Contains('\0') ? null : Environment.GetEnvironmentVariable(name);
        return value is null ? null : new LiteralNode(substitution.Place, value, quoted: true);
    }

    private HoconNode? Concatenate(ConcatenationNode concatenation)
    {
        var values = new List<HoconNode>(concatenation.Parts.Count);
        HoconNode? array = null, tree = null, literal = null;
        foreach (HoconNode part in concatenation.Parts)
        {
            HoconNode? value = part is SubstitutionNode substitution ? LookUp(substitution) : part;
            if (value is null)
                continue;
            values.Add(value);
            array ??= value as ArrayNode;
            tree ??= value as ObjectNode;
            literal ??= value as LiteralNode;
        }

        if ((array ?? tree ?? literal) is null)
            return null;
        if (array is null && tree is null)
            return JoinStrings(concatenation.Place, values);
        if (literal is not null)
        {
            throw new HoconException(
                literal.Place,
                $"a string can't be joined with {(array is null ? "an object" : "an array")}; part them by ',' or a new line.");
        }

        return array is null ? JoinObjects(values) : JoinArrays(concatenation.Place, values);
    }

    private static LiteralNode JoinStrings(Place place, List<HoconNode> values)
    {
        var text = new StringBuilder();
        foreach (HoconNode value in values)
        {
            text.Append(value is SpaceNode space ? space.Text : ((LiteralNode)value).Text ?? "null");
            Limit(place, text.Length, MaxCharacters, "characters");
        }

        return new LiteralNode(place, text.ToString(), quoted: true);
    }

    private static ObjectNode? JoinObjects(List<HoconNode> values)
    {
        ObjectNode? joined = null;
        foreach (HoconNode value in values)
        {
            if (value is ObjectNode next)
                joined = joined is null ? next : next.Over(joined);
        }

        return joined;
    }

    private static ArrayNode JoinArrays(Place place, List<HoconNode> values)
    {
        var elements = new List<Field>();
        foreach (HoconNode value in values)
        {
            if (value is SpaceNode)
                continue;
            elements.AddRange(ElementsOf(value) ?? throw new HoconException(value.Place, "an object can't be joined with an array."));
            Limit(place, elements.Count, MaxElements, "elements");
        }

        return new ArrayNode(place, elements);
    }

    private static ArrayNode Append(AppendNode append, HoconNode? earlier)
    {
        if (earlier is null)
            return new ArrayNode(append.Place, append.Elements);
        List<Field> elements = ElementsOf(earlier)
            ?? throw new HoconException(append.Place, $"'+=' adds to an array, but the earlier value, at {earlier.Place}, is none.");
        Limit(append.Place, elements.Count, MaxElements, "elements");
        return new ArrayNode(append.Place, [.. elements, .. append.Elements]);
    }

    private static List<Field>? ElementsOf(HoconNode node) => node switch
    {
        ArrayNode array => array.Elements,
        ObjectNode tree => NumericKeys.InOrder(tree.Fields),
        _ => null,
    };

    private static void Limit(Place place, int length, int most, string what)
    {
        if (length > most)
            throw new HoconException(place, $"this concatenation gives more than {most} {what}; its substitutions multiply.");
    }
}
