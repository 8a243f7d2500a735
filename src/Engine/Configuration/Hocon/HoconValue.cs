using System.Globalization;
using System.Numerics;

namespace Akka.Configuration.Hocon;

/// <summary>A string (numbers and booleans are strings until they are asked for), null, an array or an object.</summary>
public sealed class HoconValue
{
    private readonly HoconObject? _object;
    private readonly List<HoconValue>? _elements;
    private readonly string? _text;
    private readonly KeyPath? _key;

    internal HoconValue(HoconObject tree, Place place, KeyPath? key, bool hidesBelow = false)
    {
        _object = tree;
        _key = key;
        Place = place;
        HidesBelow = hidesBelow;
    }

    internal HoconValue(List<HoconValue> elements, Place place, KeyPath? key)
    {
        _elements = elements;
        _key = key;
        Place = place;
    }

    internal HoconValue(LiteralNode literal, KeyPath? key)
    {
        _text = literal.Text;
        _key = key;
        Place = literal.Place;
        Quoted = literal.Quoted;
    }

    /// <summary>Whether it is an object without a key.</summary>
    public bool IsEmpty => _object is { Items.Count: 0 };

    internal Place Place { get; }

    /// <summary>Whether it was written as a string rather than as a number, a boolean or a bare word.</summary>
    internal bool Quoted { get; }

    /// <summary>Whether it is an object that replaced something else, so that objects further below stay hidden.</summary>
    internal bool HidesBelow { get; }

    /// <summary>Whether it is an object.</summary>
    /// <returns>True for an object.</returns>
    public bool IsObject() => _object is not null;

    /// <summary>Whether it is an array, be it empty. An object with numeric keys is none, though <see cref="GetArray"/> reads it.</summary>
    /// <returns>True for an array.</returns>
    public bool IsArray() => _elements is not null;

    /// <summary>Whether it is neither array nor object.</summary>
    /// <returns>True for a string, a number, a boolean and null.</returns>
    public bool IsString() => _object is null && _elements is null;

    /// <summary>The object.</summary>
    /// <returns>The object, or null when the value is none.</returns>
    public HoconObject? GetObject() => _object;

    /// <summary>The value of a key of this object.</summary>
    /// <param name="key">One key, not a path.</param>
    /// <returns>The value, or null when there is none or this is no object.</returns>
    public HoconValue? GetChildObject(string key) => _object?.GetKey(key);

    /// <summary>The elements of the array, or the values of an object's numeric keys in their order.</summary>
    /// <returns>The elements.</returns>
    /// <exception cref="ConfigurationException">The value is neither.</exception>
    public IList<HoconValue> GetArray() =>
        _elements ?? (_object is null ? null : NumericKeys.InOrder(_object.Items)) ?? throw Wrong("a list");

    /// <summary>The text as written, without quotes.</summary>
    /// <returns>The text; null for null, an array or an object.</returns>
    public string? GetString() => _text;

    /// <summary>The value as a boolean: true, yes, on, false, no, off.</summary>
    /// <returns>The boolean.</returns>
    /// <exception cref="ConfigurationException">The value is none.</exception>
    public bool GetBoolean() => _text switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => throw Wrong("true or false"),
    };

    /// <summary>The value as a decimal number.</summary>
    /// <returns>The number.</returns>
    /// <exception cref="ConfigurationException">The value is none, or too large.</exception>
    public decimal GetDecimal() => Number<decimal>(NumberStyles.Float, "a number");

    /// <summary>The value as a number.</summary>
    /// <returns>The nearest float.</returns>
    /// <exception cref="ConfigurationException">The value is none, or too large.</exception>
    public float GetFloat() => Number<float>(NumberStyles.Float, "a number") is var number && float.IsFinite(number) ? number : throw Wrong("a number");

    /// <summary>The value as a number.</summary>
    /// <returns>The nearest double.</returns>
    /// <exception cref="ConfigurationException">The value is none, or too large.</exception>
    public double GetDouble() => Number<double>(NumberStyles.Float, "a number") is var number && double.IsFinite(number) ? number : throw Wrong("a number");

    /// <summary>The value as a whole number.</summary>
    /// <returns>The number.</returns>
    /// <exception cref="ConfigurationException">The value is none, or out of range.</exception>
    public long GetLong() => Number<long>(NumberStyles.AllowLeadingSign, "a whole number of 64 bits");

    /// <summary>The value as a whole number.</summary>
    /// <returns>The number.</returns>
    /// <exception cref="ConfigurationException">The value is none, or out of range.</exception>
    public int GetInt() => Number<int>(NumberStyles.AllowLeadingSign, "a whole number of 32 bits");

    /// <summary>The value as a whole number from 0 to 255.</summary>
    /// <returns>The number.</returns>
    /// <exception cref="ConfigurationException">The value is none, or out of range.</exception>
    public byte GetByte() => Number<byte>(NumberStyles.AllowLeadingSign, "a whole number from 0 to 255");

    /// <summary>The value as a time: a number with a unit from ns to d, such as 1.5s; a bare number counts milliseconds.</summary>
    /// <param name="allowInfinite">Whether the word "infinite" is a time too.</param>
    /// <returns>The time, rounded to 100 ns; <see cref="Timeout.InfiniteTimeSpan"/> for "infinite".</returns>
    /// <exception cref="ConfigurationException">The value is none, negative, or too large.</exception>
    public TimeSpan GetTimeSpan(bool allowInfinite = true)
    {
        if (_text is not null && allowInfinite && _text.Equals("infinite", StringComparison.OrdinalIgnoreCase))
            return Timeout.InfiniteTimeSpan;
        return UnitFormat.TryReadTime(_text, out TimeSpan time)
            ? time
            : throw Wrong($"a time such as 500ms, 10s or 2 minutes{(allowInfinite ? ", or infinite" : "")}");
    }

    /// <summary>The value as a size: a number with a unit such as B, kB (1000), KiB or k (1024); a bare number counts bytes.</summary>
    /// <returns>The size in bytes, a fraction of a byte cut off; null for null.</returns>
    /// <exception cref="ConfigurationException">The value is none, negative, or exceeds 64 bits.</exception>
    public long? GetByteSize()
    {
        if (_text is null && IsString())
            return null;
        return UnitFormat.TryReadSize(_text, out long bytes) ? bytes : throw Wrong("a size such as 512, 64KiB or 10MB");
    }

    /// <summary>The elements as booleans.</summary>
    /// <returns>A new list.</returns>
    /// <exception cref="ConfigurationException">The value is no list of them.</exception>
    public IList<bool> GetBooleanList() => List(static v => v.GetBoolean());

    /// <summary>The elements as decimal numbers.</summary>
    /// <returns>A new list.</returns>
    /// <exception cref="ConfigurationException">The value is no list of them.</exception>
    public IList<decimal> GetDecimalList() => List(static v => v.GetDecimal());

    /// <summary>The elements as numbers.</summary>
    /// <returns>A new list.</returns>
    /// <exception cref="ConfigurationException">The value is no list of them.</exception>
    public IList<float> GetFloatList() => List(static v => v.GetFloat());

    /// <summary>The elements as numbers.</summary>
    /// <returns>A new list.</returns>
    /// <exception cref="ConfigurationException">The value is no list of them.</exception>
    public IList<double> GetDoubleList() => List(static v => v.GetDouble());

    /// <summary>The elements as whole numbers.</summary>
    /// <returns>A new list.</returns>
    /// <exception cref="ConfigurationException">The value is no list of them.</exception>
    public IList<int> GetIntList() => List(static v => v.GetInt());

    /// <summary>The elements as whole numbers.</summary>
    /// <returns>A new list.</returns>
    /// <exception cref="ConfigurationException">The value is no list of them.</exception>
    public IList<long> GetLongList() => List(static v => v.GetLong());

    /// <summary>The elements as whole numbers from 0 to 255.</summary>
    /// <returns>A new list.</returns>
    /// <exception cref="ConfigurationException">The value is no list of them.</exception>
    public IList<byte> GetByteList() => List(static v => v.GetByte());

    /// <summary>The elements as texts.</summary>
    /// <returns>A new list.</returns>
    /// <exception cref="ConfigurationException">The value is no list of them.</exception>
    public IList<string> GetStringList() => List(static v => v.GetString() ?? throw v.Wrong("a string"));

    /// <summary>A configuration with this object as its root.</summary>
    /// <returns>The configuration.</returns>
    /// <exception cref="ConfigurationException">The value is no object.</exception>
    public Config ToConfig() => new(new HoconRoot(this));

    /// <summary>A configuration with this value under a key.</summary>
    /// <param name="key">One key, not a path.</param>
    /// <returns>The configuration.</returns>
    public Config AtKey(string key) =>
        new(new HoconRoot(new HoconValue(new HoconObject(new Dictionary<string, HoconValue> { [key] = this }), Place, null)));

    /// <summary>The value as HOCON; an object without braces.</summary>
    /// <returns>Text that parses to the same value.</returns>
    public override string ToString() => HoconPrinter.Print(this);

    internal HoconObject? TryGetObject() => _object;

    internal List<HoconValue>? TryGetElements() => _elements;

    /// <summary>The value that results from laying this one over <paramref name="lower"/>; neither changes.</summary>
    internal HoconValue Over(HoconValue lower)
    {
        if (_object is null || HidesBelow)
            return this;
        return lower._object is null
            ? new HoconValue(_object, Place, _key, hidesBelow: true)
            : new HoconValue(_object.Over(lower._object), Place, _key, lower.HidesBelow);
    }

    /// <summary>The error for a value of another form than was asked for.</summary>
    internal HoconException Wrong(string expected)
    {
        string found = _object is not null ? "an object" : _elements is not null ? "a list" : _text is null ? "null" : HoconPrinter.Quote(_text);
        return new HoconException(Place, $"{_key?.ToString() ?? "the root"} is {found}, but must be {expected}.");
    }

    private T Number<T>(NumberStyles style, string expected)
        where T : struct, INumberBase<T> =>
        T.TryParse(_text, style, CultureInfo.InvariantCulture, out T number) ? number : throw Wrong(expected);

    private List<T> List<T>(Func<HoconValue, T> read)
    {
        IList<HoconValue> elements = GetArray();
        var list = new List<T>(elements.Count);
        foreach (HoconValue element in elements)
            list.Add(read(element));
        return list;
    }
}
