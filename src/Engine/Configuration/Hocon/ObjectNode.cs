namespace Akka.Configuration.Hocon;

/// <summary>An object as written; its fields keep the order in which they first appear.</summary>
internal sealed class ObjectNode(Place place, Dictionary<string, Field> fields, bool hidesBelow = false) : HoconNode(place)
{
    public Dictionary<string, Field> Fields { get; } = fields;

    /// <summary>True when it replaced a value that is no object: objects below that value stay hidden.</summary>
    public bool HidesBelow { get; } = hidesBelow;

    /// <summary>The finished object, once resolved.</summary>
    public HoconObject? Built { get; set; }

    /// <summary>True while its fields are being finished: whoever meets it then is inside it.</summary>
    public bool Open { get; set; }

    /// <summary>The field of that key, made if there is none.</summary>
    public Field GetOrAdd(string key)
    {
        if (!Fields.TryGetValue(key, out Field? field))
        {
            field = new Field();
            Fields.Add(key, field);
        }

        return field;
    }

    /// <summary>Adds the fields of an object that comes later and that nothing else refers to.</summary>
    public void Absorb(ObjectNode later)
    {
        foreach ((string key, Field field) in later.Fields)
        {
            if (!Fields.TryAdd(key, field))
            {
                foreach (HoconNode definition in field.Definitions)
                    Fields[key].Define(definition);
            }
        }
    }

    /// <summary>The object that results from laying this one over <paramref name="lower"/>; neither changes.</summary>
    public ObjectNode Over(ObjectNode lower)
    {
        var merged = new Dictionary<string, Field>(lower.Fields);
        foreach ((string key, Field field) in Fields)
            merged[key] = merged.TryGetValue(key, out Field? below) ? Field.Stack(below, field, Place) : field;
        return new ObjectNode(Place, merged, lower.HidesBelow);
    }

    public override HoconNode Copy(string[] prefix)
    {
        var fields = new Dictionary<string, Field>(Fields.Count);
        foreach ((string key, Field field) in Fields)
            fields.Add(key, field.Copy(prefix));
        return new ObjectNode(Place, fields, HidesBelow);
    }
}
