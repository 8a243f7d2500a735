namespace Akka.Configuration.Hocon;

/// <summary>The root of a tree of values.</summary>
public class HoconRoot
{
    private readonly SourceText? _source;
    private readonly HoconNode? _unresolved;
    private readonly Lazy<HoconValue> _value;

    /// <summary>Takes a value as the root.</summary>
    /// <param name="value">The value.</param>
    public HoconRoot(HoconValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = new Lazy<HoconValue>(value);
    }

    internal HoconRoot(SourceText source, HoconNode unresolved)
    {
        _source = source;
        _unresolved = unresolved;
        _value = new Lazy<HoconValue>(() => new TreeBuilder(unresolved).Build());
    }

    /// <summary>The value at the root; what was parsed is resolved at the first reading.</summary>
    /// <exception cref="ConfigurationException">A substitution has no value, or values that can't be joined are joined.</exception>
    public HoconValue Value => _value.Value;

    /// <summary>The tree with its substitutions open, for a text that includes it.</summary>
    internal HoconNode Unresolved => _unresolved ?? TreeBuilder.ToNode(_value.Value);

    /// <summary>Gives the parsed text the name that errors show, unless it has one.</summary>
    internal void NameSource(string name)
    {
        if (_source is not null)
            _source.Name ??= name;
    }
}
