namespace Akka.Configuration.Hocon;

/// <summary>Values by key, in the order in which the keys first appear.</summary>
public sealed class HoconObject
{
    internal HoconObject(Dictionary<string, HoconValue> items) => Items = items;

    /// <summary>The values by key.</summary>
    public Dictionary<string, HoconValue> Items { get; }

    /// <summary>The same with each object as a dictionary in turn; every other value is a <see cref="HoconValue"/>.</summary>
    public IDictionary<string, object> Unwrapped
    {
        get
        {
            var unwrapped = new Dictionary<string, object>(Items.Count);
            foreach ((string key, HoconValue value) in Items)
                unwrapped.Add(key, value.TryGetObject() is { } tree ? tree.Unwrapped : value);
            return unwrapped;
        }
    }

    /// <summary>The value of a key.</summary>
    /// <param name="key">One key, not a path.</param>
    /// <returns>The value, or null.</returns>
    public HoconValue? GetKey(string key) => Items.GetValueOrDefault(key);

    /// <summary>The object as HOCON, without braces.</summary>
    /// <returns>Lines of fields.</returns>
    public override string ToString() => HoconPrinter.Print(this);

    /// <summary>The object that results from laying this one over <paramref name="lower"/>; neither changes.</summary>
    internal HoconObject Over(HoconObject lower)
    {
        var merged = new Dictionary<string, HoconValue>(lower.Items);
        foreach ((string key, HoconValue value) in Items)
            merged[key] = merged.TryGetValue(key, out HoconValue? below) ? value.Over(below) : value;
        return new HoconObject(merged);
    }
}
