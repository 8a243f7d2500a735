namespace Akka.Configuration.Hocon;

/// <summary>Makes the finished tree of values from nodes, and nodes from a finished tree that is included elsewhere.</summary>
internal sealed class TreeBuilder(HoconNode root)
{
    private readonly Resolver _resolver = new(root);

    /// <summary>Finishes the whole tree.</summary>
    public HoconValue Build() => Build(root, null, 0);

    /// <summary>The node that a finished value came from or could have come from.</summary>
    public static HoconNode ToNode(HoconValue value)
    {
        if (value.TryGetObject() is { } tree)
        {
            var fields = new Dictionary<string, Field>(tree.Items.Count);
            foreach ((string key, HoconValue item) in tree.Items)
                fields.Add(key, new Field(ToNode(item)));
            return new ObjectNode(value.Place, fields, value.HidesBelow);
        }

        return value.TryGetElements() is { } elements
            ? new ArrayNode(value.Place, elements.ConvertAll(static e => new Field(ToNode(e))))
            : new LiteralNode(value.Place, value.GetString(), value.Quoted);
    }

    /// <summary>Finishes one node. An object or array that several fields share is finished once and shared.</summary>
    private HoconValue Build(HoconNode node, KeyPath? key, int depth)
    {
        if (depth > HoconGrammar.MaxDepth)
            throw new HoconException(node.Place, $"substitutions nest objects and arrays deeper than {HoconGrammar.MaxDepth} levels; flatten them.");
        return node switch
        {
            ObjectNode tree => new HoconValue(BuildObject(tree, key, depth), tree.Place, key, tree.HidesBelow),
            ArrayNode array => new HoconValue(BuildArray(array, key, depth), array.Place, key),
            _ => new HoconValue((LiteralNode)node, key),
        };
    }

    private HoconObject BuildObject(ObjectNode node, KeyPath? key, int depth)
    {
        if (node.Built is not null)
            return node.Built;
        if (node.Open)
            throw ContainsItself(node, key);
        node.Open = true;
        var items = new Dictionary<string, HoconValue>(node.Fields.Count);
        foreach ((string name, Field field) in node.Fields)
        {
            if (_resolver.Evaluate(field) is { } value)
                items.Add(name, Build(value, KeyPath.Field(key, name), depth + 1));
        }

        node.Open = false;
        return node.Built = new HoconObject(items);
    }

    private List<HoconValue> BuildArray(ArrayNode node, KeyPath? key, int depth)
    {
        if (node.Built is not null)
            return node.Built;
        if (node.Open)
            throw ContainsItself(node, key);
        node.Open = true;
        var items = new List<HoconValue>(node.Elements.Count);
        foreach (Field element in node.Elements)
        {
            if (_resolver.Evaluate(element) is { } value)
                items.Add(Build(value, KeyPath.Element(key, items.Count), depth + 1));
        }

        node.Open = false;
        return node.Built = items;
    }

    private static HoconException ContainsItself(HoconNode node, KeyPath? key) =>
        new(node.Place, $"this value is asked for inside itself, at {key}; break the cycle of substitutions.");
}
