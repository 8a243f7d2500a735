using System.Globalization;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Actors.Runtime.Configuration;

/// <summary>Reads the keys of the runtime with their types and ranges, and keeps what it read.</summary>
internal sealed class SettingsReader(LayeredConfiguration configuration)
{
    private readonly Dictionary<string, EffectiveSetting> _read = [];

    /// <summary>What was read, in order.</summary>
    public IReadOnlyList<EffectiveSetting> Effective => [.. _read.Values];

    /// <summary>A whole number of 32 bits.</summary>
    public int Int(string key, int least = 1, int most = int.MaxValue) => (int)Long(key, least, most);

    /// <summary>A whole number of 32 bits, or null.</summary>
    public int? OptionalInt(string key, int least = 1, int most = int.MaxValue) =>
        IsNull(key) ? Note<int?>(key, null) : Int(key, least, most);

    /// <summary>A whole number of 64 bits, or null.</summary>
    public long? OptionalLong(string key, long least = long.MinValue) => IsNull(key) ? Note<long?>(key, null) : Long(key, least);

    /// <summary>A whole number of 64 bits.</summary>
    public long Long(string key, long least = long.MinValue, long most = long.MaxValue)
    {
        string? text = Text(key);
        if (!NumberText.TryWhole(text, out long value) || value < least)
        {
            bool isLarge = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double rough) && rough > most;
            throw Wrong(key, isLarge ? $"a whole number from {least} to {most}" : WholeNumber(least, most));
        }

        return value <= most ? Note(key, value) : throw Wrong(key, $"a whole number from {least} to {most}");
    }

    /// <summary>A number of at least <paramref name="least"/>, or above it, and at most or below <paramref name="most"/>.</summary>
    public double Double(string key, double least, double most = double.MaxValue, bool aboveLeast = false, bool belowMost = false)
    {
        bool isNumber = NumberText.TryNumber(Text(key), out double value);
        bool isInside = (aboveLeast ? value > least : value >= least) && (belowMost ? value < most : value <= most);
        return isNumber && isInside ? Note(key, value) : throw Wrong(key, Number(least, most, aboveLeast, belowMost));
    }

    /// <summary>A number above 0, or null.</summary>
    public double? OptionalPositive(string key) => IsNull(key) ? Note<double?>(key, null) : Double(key, 0, aboveLeast: true);

    /// <summary>A boolean: true, yes, on, false, no, off.</summary>
    public bool Flag(string key) => Text(key) switch
    {
        "true" or "yes" or "on" => Note(key, true),
        "false" or "no" or "off" => Note(key, false),
        _ => throw Wrong(key, "on or off"),
    };

    /// <summary>One of some words.</summary>
    public string OneOf(string key, params ReadOnlySpan<string> words)
    {
        string text = Text(key) ?? "";
        foreach (string word in words)
        {
            if (string.Equals(word, text, StringComparison.OrdinalIgnoreCase))
            {
                return Note(key, word);
            }
        }

        throw Wrong(key, string.Join(" or ", words.ToArray()));
    }

    /// <summary>A text, or null.</summary>
    public string? OptionalText(string key) => Note(key, IsNull(key) ? null : Text(key));

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> Texts(string key) => Note(key, Elements(key, "a list of texts, such as [\"a.txt\", \"texts\"]"));

    /// <summary>A list of different whole numbers from 0 to <paramref name="most"/>, one at least.</summary>
    public IReadOnlyList<int> DifferentNumbers(string key, int most)
    {
        string expected = $"a list of different whole numbers from 0 to {most}, such as [0, 1]";
        var numbers = new List<int>();
        foreach (string text in Elements(key, expected))
        {
            bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= most;
            numbers.Add(isNumber && !numbers.Contains(number) ? number : throw Wrong(key, expected));
        }

        return numbers.Count > 0 ? Note<IReadOnlyList<int>>(key, numbers.AsReadOnly()) : throw Wrong(key, expected);
    }

    /// <summary>A list of whole numbers of 64 bits, each at least <paramref name="least"/>.</summary>
    public IReadOnlyList<long> WholeNumbers(string key, long least) => Each<long>(
        key, $"a list of whole numbers of {least} or more, such as [1e12, 2e12]", text => NumberText.TryWhole(text, out long number) && number >= least ? number : null);

    /// <summary>A list of numbers, each at least <paramref name="least"/>.</summary>
    public IReadOnlyList<double> Numbers(string key, double least) => Each<double>(
        key, string.Create(CultureInfo.InvariantCulture, $"a list of numbers of {least} or more, such as [1e-5, 1e-6]"),
        text => NumberText.TryNumber(text, out double number) && number >= least ? number : null);

    /// <summary>A time above 0; <see cref="Timeout.InfiniteTimeSpan"/> for infinite.</summary>
    public TimeSpan Time(string key)
    {
        string text = Text(key) ?? "";
        TimeSpan time;
        try
        {
            time = configuration.Merged.GetTimeSpan(key);
        }
        catch (Exception e) when (e is ConfigurationException or FormatException or OverflowException or ArgumentException)
        {
            throw Wrong(key, "a time such as 500ms, 30s or 5 minutes, or infinite");
        }

        if (time <= TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
        {
            throw Wrong(key, "a time above 0, such as 500ms, 30s or 5 minutes, or infinite");
        }

        Note(key, text);
        return time;
    }

    /// <summary>A time of at most a day: what waits for it must not wait for ever.</summary>
    public TimeSpan FiniteTime(string key)
    {
        TimeSpan time = Time(key);
        return time != Timeout.InfiniteTimeSpan && time <= TimeSpan.FromDays(1) ? time : throw Wrong(key, "a time of at most a day, such as 500ms or 30s");
    }

    /// <summary>A time to compare with; <see cref="TimeSpan.MaxValue"/> for infinite.</summary>
    public TimeSpan TimeOrForever(string key) => Time(key) is var time && time == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : time;

    /// <summary>The error for a value that breaks a rule: key, value, rule and place.</summary>
    public ConfigurationException Wrong(string key, string expected)
    {
        HoconValue value = Value(key);
        string found = value.IsObject() ? "an object" : IsList(value) ? "a list" : Shown(TextOf(value));
        string advice = NumberText.PointAdvice(TextOf(value)) is { } write ? $"; {write}" : "";
        return new ConfigurationException($"{key} is {found}, but must be {expected}{advice} ({configuration.OriginOf(key)}).");
    }

    /// <summary>The error for a key that does not fit others: key, rule and place.</summary>
    public ConfigurationException Broken(string key, string rule) => new($"{key}: {rule} ({configuration.OriginOf(key)}).");

    private HoconValue Value(string key) =>
        configuration.Merged.GetValue(key) ?? throw new InvalidOperationException($"reference.conf has no {key}.");

    private IReadOnlyList<T> Each<T>(string key, string expected, Func<string, T?> read)
        where T : struct =>
        Note<IReadOnlyList<T>>(key, [.. Elements(key, expected).Select(text => read(text) ?? throw Wrong(key, expected))]);

    private IReadOnlyList<string> Elements(string key, string expected)
    {
        HoconValue value = Value(key);
        return IsList(value) ? [.. value.GetArray().Select(element => TextOf(element) ?? throw Wrong(key, expected))] : throw Wrong(key, expected);
    }

    private string? Text(string key) => TextOf(Value(key));

    /// <summary>Akka.NET's own GetString cuts blanks off the ends, which may belong to a path.</summary>
    private static string? TextOf(HoconValue value) =>
        value.IsString() && value.GetString() is not null ? string.Concat(value.Values.Select(part => part.GetString())) : null;

    private static string Shown(string? text) =>
        text is null ? "null" : ConfigurationOverride.Quoted(text.Length <= 80 ? text : text[..80] + "...");

    private static bool IsList(HoconValue value) => !value.IsObject() && !value.IsString();

    private bool IsNull(string key) => Value(key) is var value && value.IsString() && value.GetString() is null;

    private T Note<T>(string key, T value)
    {
        _read[key] = new EffectiveSetting(key, value, configuration.OriginOf(key));
        return value;
    }

    private static string WholeNumber(long least, long most) => (least, most) switch
    {
        (long.MinValue, _) => "a whole number of 64 bits",
        (_, int.MaxValue or long.MaxValue) => $"a whole number of {least} or more",
        _ => $"a whole number from {least} to {most}",
    };

    private static string Number(double least, double most, bool aboveLeast, bool belowMost)
    {
        string lower = string.Create(CultureInfo.InvariantCulture, $"{(aboveLeast ? "above " : "from ")}{least}");
        string from = string.Create(CultureInfo.InvariantCulture, $"{least} or more");
        string upper = string.Create(CultureInfo.InvariantCulture, $"{(belowMost ? "below " : "")}{most}");
        return most < double.MaxValue ? $"a number {lower} to {upper}" : aboveLeast ? $"a number {lower}" : $"a number of {from}";
    }
}
