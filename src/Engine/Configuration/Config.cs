using System.Diagnostics.CodeAnalysis;
using Akka.Configuration.Hocon;

namespace Akka.Configuration;

/// <summary>
/// A tree of settings that are read by path: keys parted by dots, a key with a dot in quotes. It never changes; a setting that is
/// absent reads as the default that the caller passes, one of the wrong form is an error that names it.
/// </summary>
public sealed class Config
{
    /// <summary>A configuration without a key.</summary>
    public static readonly Config Empty = new();

    private readonly HoconValue _own;

    /// <summary>Makes a configuration without a key.</summary>
    public Config()
        : this(new HoconRoot(new HoconValue(new HoconObject([]), default, null)))
    {
    }

    /// <summary>Makes the configuration of a tree.</summary>
    /// <param name="root">The tree, whose root is an object.</param>
    /// <exception cref="ConfigurationException">The root is no object, or a substitution has no value.</exception>
    public Config(HoconRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        Root = root.Value.IsObject() ? root.Value : throw root.Value.Wrong("an object");
        _own = Root;
    }

    private Config(HoconValue root, HoconValue own)
    {
        Root = root;
        _own = own;
    }

    /// <summary>Whether it has no key.</summary>
    public bool IsEmpty => Root.IsEmpty;

    /// <summary>The object with all settings, those of the fallbacks included.</summary>
    public HoconValue Root { get; }

    /// <summary>Parses a text as a configuration.</summary>
    /// <param name="str">HOCON.</param>
    public static implicit operator Config(string str) => ConfigurationFactory.ParseString(str);

    /// <summary>Adds a fallback that is still text.</summary>
    /// <param name="config">What wins.</param>
    /// <param name="fallback">HOCON.</param>
    /// <returns>The merged configuration.</returns>
    public static Config operator +(Config config, string fallback) => config.WithFallback(ConfigurationFactory.ParseString(fallback));

    /// <summary>Adds a fallback to what is still text.</summary>
    /// <param name="configHocon">HOCON, which wins.</param>
    /// <param name="fallbackConfig">The fallback.</param>
    /// <returns>The merged configuration.</returns>
    public static Config operator +(string configHocon, Config fallbackConfig) =>
        ConfigurationFactory.ParseString(configHocon).WithFallback(fallbackConfig);

    /// <summary>Lays this configuration over another one. Objects merge; any other value hides what lies below it.</summary>
    /// <param name="fallback">What answers where this one has no value; null leaves this one as it is.</param>
    /// <returns>The merged configuration.</returns>
    /// <exception cref="ArgumentException">The fallback is this configuration.</exception>
    public Config WithFallback(Config? fallback)
    {
        if (ReferenceEquals(fallback, this))
            throw new ArgumentException("A configuration can't be its own fallback.", nameof(fallback));
        if (fallback is null)
            return this;
        return IsEmpty ? fallback : new Config(Root.Over(fallback.Root), _own);
    }

    /// <summary>Whether there is a value at a path, be it null.</summary>
    /// <param name="path">The path.</param>
    /// <returns>True when there is one.</returns>
    public bool HasPath(string path) => GetValue(path) is not null;

    /// <summary>The value at a path.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The value, or null when there is none.</returns>
    public HoconValue? GetValue(string path)
    {
        HoconValue? value = Root;
        foreach (string key in KeyPath.Split(path))
        {
            value = value.GetChildObject(key);
            if (value is null)
                return null;
        }

        return value;
    }

    /// <summary>The object at a path as a configuration of its own.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The configuration, or null when there is none.</returns>
    /// <exception cref="ConfigurationException">The value is no object.</exception>
    public Config? GetConfig(string path) => GetValue(path)?.ToConfig();

    /// <summary>The text at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="default">What an absent setting, or null, reads as.</param>
    /// <returns>The text.</returns>
    /// <exception cref="ConfigurationException">The value is a list or an object.</exception>
    [return: NotNullIfNotNull(nameof(@default))]
    public string? GetString(string path, string? @default = null)
    {
        HoconValue? value = GetValue(path);
        if (value is null)
            return @default;
        return value.IsString() ? value.GetString() ?? @default : throw value.Wrong("a string");
    }

    /// <summary>The boolean at a path: true, yes, on, false, no, off.</summary>
    /// <param name="path">The path.</param>
    /// <param name="default">What an absent setting reads as.</param>
    /// <returns>The boolean.</returns>
    /// <exception cref="ConfigurationException">The value is none.</exception>
    public bool GetBoolean(string path, bool @default = false) => GetValue(path)?.GetBoolean() ?? @default;

    /// <summary>The whole number at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="default">What an absent setting reads as.</param>
    /// <returns>The number.</returns>
    /// <exception cref="ConfigurationException">The value is none, or out of range.</exception>
    public int GetInt(string path, int @default = 0) => GetValue(path)?.GetInt() ?? @default;

    /// <summary>The whole number at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="default">What an absent setting reads as.</param>
    /// <returns>The number.</returns>
    /// <exception cref="ConfigurationException">The value is none, or out of range.</exception>
    public long GetLong(string path, long @default = 0) => GetValue(path)?.GetLong() ?? @default;

    /// <summary>The number at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="default">What an absent setting reads as.</param>
    /// <returns>The nearest float.</returns>
    /// <exception cref="ConfigurationException">The value is none, or too large.</exception>
    public float GetFloat(string path, float @default = 0) => GetValue(path)?.GetFloat() ?? @default;

    /// <summary>The number at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="default">What an absent setting reads as.</param>
    /// <returns>The nearest double.</returns>
    /// <exception cref="ConfigurationException">The value is none, or too large.</exception>
    public double GetDouble(string path, double @default = 0) => GetValue(path)?.GetDouble() ?? @default;

    /// <summary>The decimal number at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="default">What an absent setting reads as.</param>
    /// <returns>The number.</returns>
    /// <exception cref="ConfigurationException">The value is none, or too large.</exception>
    public decimal GetDecimal(string path, decimal @default = 0) => GetValue(path)?.GetDecimal() ?? @default;

    /// <summary>The time at a path, such as 500ms; a bare number counts milliseconds.</summary>
    /// <param name="path">The path.</param>
    /// <param name="default">What an absent setting reads as; null for no time at all.</param>
    /// <param name="allowInfinite">Whether "infinite" is a time too.</param>
    /// <returns>The time; <see cref="Timeout.InfiniteTimeSpan"/> for "infinite".</returns>
    /// <exception cref="ConfigurationException">The value is none, negative, or too large.</exception>
    public TimeSpan GetTimeSpan(string path, TimeSpan? @default = null, bool allowInfinite = true) =>
        GetValue(path)?.GetTimeSpan(allowInfinite) ?? @default.GetValueOrDefault();

    /// <summary>The size in bytes at a path, such as 64KiB.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The size; null for an absent setting and for null.</returns>
    /// <exception cref="ConfigurationException">The value is none, negative, or exceeds 64 bits.</exception>
    public long? GetByteSize(string path) => GetByteSize(path, null);

    /// <summary>The size in bytes at a path, such as 64KiB.</summary>
    /// <param name="path">The path.</param>
    /// <param name="def">What an absent setting reads as.</param>
    /// <returns>The size; null for null.</returns>
    /// <exception cref="ConfigurationException">The value is none, negative, or exceeds 64 bits.</exception>
    public long? GetByteSize(string path, long? def = null) => GetValue(path) is { } value ? value.GetByteSize() : def;

    /// <summary>The texts of the list at a path.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The texts; none for an absent setting.</returns>
    /// <exception cref="ConfigurationException">The value is no list of them.</exception>
    public IList<string> GetStringList(string path) => GetStringList(path, []);

    /// <summary>The texts of the list at a path.</summary>
    /// <param name="path">The path.</param>
    /// <param name="defaultPaths">What an absent setting reads as.</param>
    /// <returns>The texts.</returns>
    /// <exception cref="ConfigurationException">The value is no list of them.</exception>
    public IList<string> GetStringList(string path, string[] defaultPaths) => GetValue(path)?.GetStringList() ?? defaultPaths;

    /// <summary>The booleans of the list at a path.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The booleans.</returns>
    /// <exception cref="ConfigurationException">There is no list of them.</exception>
    public IList<bool> GetBooleanList(string path) => Require(path).GetBooleanList();

    /// <summary>The whole numbers of the list at a path.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The numbers.</returns>
    /// <exception cref="ConfigurationException">There is no list of them.</exception>
    public IList<int> GetIntList(string path) => Require(path).GetIntList();

    /// <summary>The whole numbers of the list at a path.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The numbers.</returns>
    /// <exception cref="ConfigurationException">There is no list of them.</exception>
    public IList<long> GetLongList(string path) => Require(path).GetLongList();

    /// <summary>The whole numbers from 0 to 255 of the list at a path.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The numbers.</returns>
    /// <exception cref="ConfigurationException">There is no list of them.</exception>
    public IList<byte> GetByteList(string path) => Require(path).GetByteList();

    /// <summary>The numbers of the list at a path.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The numbers.</returns>
    /// <exception cref="ConfigurationException">There is no list of them.</exception>
    public IList<float> GetFloatList(string path) => Require(path).GetFloatList();

    /// <summary>The numbers of the list at a path.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The numbers.</returns>
    /// <exception cref="ConfigurationException">There is no list of them.</exception>
    public IList<double> GetDoubleList(string path) => Require(path).GetDoubleList();

    /// <summary>The decimal numbers of the list at a path.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The numbers.</returns>
    /// <exception cref="ConfigurationException">There is no list of them.</exception>
    public IList<decimal> GetDecimalList(string path) => Require(path).GetDecimalList();

    /// <summary>The settings at the root, fallbacks included, in the order in which their keys first appear.</summary>
    /// <returns>Keys (not paths) and values.</returns>
    public IEnumerable<KeyValuePair<string, HoconValue>> AsEnumerable() => Root.GetObject()!.Items;

    /// <summary>The settings as HOCON, without those of the fallbacks.</summary>
    /// <returns>Text that parses to the same settings.</returns>
    public override string ToString() => ToString(includeFallback: false);

    /// <summary>The settings as HOCON.</summary>
    /// <param name="includeFallback">Whether with those of the fallbacks.</param>
    /// <returns>Text that parses to the same settings.</returns>
    public string ToString(bool includeFallback) => (includeFallback ? Root : _own).ToString();

    private HoconValue Require(string path) =>
        GetValue(path) ?? throw new ConfigurationException($"{path} is not set, but must be a list.");
}
