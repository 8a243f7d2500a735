using System.Collections.Immutable;
using System.Text.Json;

namespace Actors.Model.Checkpoint;

/// <summary>One object of a config.json: typed reads whose errors name file and key, and the memory of which keys were read.</summary>
internal sealed class ConfigObject
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly JsonElement _element;
    private readonly string _prefix;

    /// <param name="path">The file, for messages.</param>
    /// <param name="prefix">What stands before a key in messages: empty, or the object's own key and a dot.</param>
    /// <param name="element">A JSON object.</param>
    public ConfigObject(string path, string prefix, JsonElement element)
    {
        Path = path;
        _prefix = prefix;
        _element = element;
    }

    public string Path { get; }

    /// <summary>Reads a file that holds one JSON object.</summary>
    /// <exception cref="CheckpointException">It is missing or no JSON object, or <paramref name="read"/> finds something wrong.</exception>
    public static T ReadFile<T>(string path, Func<ConfigObject, T> read) => ReadContent(path, ContentOf(path), read);

    /// <summary>The bytes of such a file.</summary>
    /// <exception cref="CheckpointException">It is missing or cannot be read.</exception>
    public static byte[] ContentOf(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be read: {AtomicFile.Reason(failure)}", failure);
        }
    }

    /// <summary>Reads the content of such a file.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="content">The content, which is changed.</param>
    /// <param name="read">What is read.</param>
    /// <exception cref="CheckpointException">It is no JSON object, or <paramref name="read"/> finds something wrong.</exception>
    public static T ReadContent<T>(string path, byte[] content, Func<ConfigObject, T> read)
    {
        try
        {
            using JsonDocument document = JsonFile.Parse(path, content);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(new ConfigObject(path, prefix: "", document.RootElement))
                : throw new CheckpointException(path, "is no JSON object");
        }
        catch (JsonException failure)
        {
            throw new CheckpointException(
                path, $"is no JSON (line {failure.LineNumber + 1}, byte {failure.BytePositionInLine + 1})", failure);
        }
        catch (InvalidOperationException failure)
        {
            throw new CheckpointException(path, "has a string that is no Unicode (half of a surrogate pair): write it again", failure);
        }
        catch (ModelConfigException failure)
        {
            throw new CheckpointException(path, failure.Message, failure);
        }
    }

    /// <summary>Whether the key is there, be it with null.</summary>
    public bool Has(string key) => _element.TryGetProperty(key, out _);

    /// <summary>A whole number, or null where the file says null. A null counts as unread, so that it is written back.</summary>
    public int? IntOrNull(string key)
    {
        int? value = OptionalInt(key);
        if (value is null && !Has(key))
        {
            throw Wrong(key, "is missing; the model needs it");
        }

        _ = value is null && _read.Remove(key);
        return value;
    }

    /// <summary>Whole numbers of a list; none where it is absent or null.</summary>
    public IEnumerable<int> Ints(string key)
    {
        foreach (JsonElement item in Items(key))
        {
            yield return TryGetWhole(item, out int number) ? number : throw Wrong(key, $"has {JsonText.OneLine(item)}, expected whole numbers");
        }
    }

    /// <summary>Lets a key count as unread, so that it is written back as it came.</summary>
    public void Forget(string key) => _read.Remove(key);

    /// <summary>One token, a list of tokens, or null.</summary>
    public EndTokens EndTokens(string key)
    {
        if (!TryGet(key, out JsonElement value) || value.ValueKind != JsonValueKind.Array)
        {
            return Model.EndTokens.Of(OptionalInt(key));
        }

        var ids = ImmutableArray.CreateBuilder<int>(value.GetArrayLength());
        foreach (JsonElement item in value.EnumerateArray())
        {
            ids.Add(TryGetWhole(item, out int id)
                ? id
                : throw Wrong(key, $"is {JsonText.OneLine(value)}, expected whole numbers"));
        }

        return new EndTokens(ids.MoveToImmutable(), IsList: true);
    }

    public int Int(string key) => OptionalInt(key) ?? throw Wrong(key, "is missing; the model needs it");

    public int? OptionalInt(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        return TryGetWhole(value, out int number)
            ? number
            : throw Wrong(key, $"is {JsonText.OneLine(value)}, expected a whole number");
    }

    public double? OptionalDouble(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number
            ? value.GetDouble()
            : throw Wrong(key, $"is {JsonText.OneLine(value)}, expected a number");
    }

    public bool? OptionalBool(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Wrong(key, $"is {JsonText.OneLine(value)}, expected true or false");
    }

    public string? OptionalString(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && !JsonFile.HasWord(value)
            ? value.GetString()
            : throw Wrong(key, $"is {JsonText.OneLine(value)}, expected a string");
    }

    public ConfigObject? OptionalObject(string key)
    {
        if (!TryGet(key, out JsonElement value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object
            ? new ConfigObject(Path, _prefix + key + ".", value)
            : throw Wrong(key, $"is {JsonText.OneLine(value)}, expected an object");
    }

    /// <summary>The objects of a list; none where it is absent or null.</summary>
    public IReadOnlyList<ConfigObject> Objects(string key)
    {
        var objects = new List<ConfigObject>();
        foreach (JsonElement item in Items(key))
        {
            objects.Add(item.ValueKind == JsonValueKind.Object
                ? new ConfigObject(Path, $"{_prefix}{key}[{objects.Count}].", item)
                : throw Wrong(key, $"has {JsonText.OneLine(item)}, expected objects"));
        }

        return objects;
    }

    /// <summary>The elements of a list; none where it is absent or null.</summary>
    public IEnumerable<JsonElement> Items(string key) => !TryGet(key, out JsonElement value) ? []
        : value.ValueKind == JsonValueKind.Array ? value.EnumerateArray()
        : throw Wrong(key, $"is {JsonText.OneLine(value)}, expected a list");

    /// <summary>Whether the key is there with a string.</summary>
    public bool IsString(string key) => _element.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String;

    /// <summary>Refuses a model_type that is none of those; the key counts as unread, so that it is written back as it came.</summary>
    public void ExpectModelType(params ReadOnlySpan<string> supported)
    {
        const string key = "model_type";
        string? value = OptionalString(key);
        if (value is not null && !supported.Contains(value))
        {
            throw Wrong(key, $"is \"{value}\", supported is only \"{string.Join("\" or \"", supported.ToArray())}\"");
        }

        Forget(key);
    }

    /// <summary>Refuses anything but null, absence or <paramref name="only"/>.</summary>
    public void Expect(string key, string only)
    {
        string? value = OptionalString(key);
        if (value is not null && value != only)
        {
            throw Wrong(key, $"is \"{value}\", supported is only \"{only}\"");
        }
    }

    /// <summary>Refuses anything but null, absence or <paramref name="only"/>.</summary>
    public void Expect(string key, bool only)
    {
        if (OptionalBool(key) == !only)
        {
            throw Wrong(key, only ? "is false, supported is only true" : "is true, supported is only false");
        }
    }

    /// <summary>Refuses anything but null, absence or <paramref name="only"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="only">The one value.</param>
    /// <param name="because">Where the value comes from.</param>
    public void Expect(string key, double only, string because)
    {
        double? value = OptionalDouble(key);
        if (value is not null && value != only)
        {
            throw Wrong(key, $"is {value}, supported is only {only}{because}");
        }
    }

    /// <summary>Refuses anything but null or absence.</summary>
    public void ExpectNone(string key, string mend)
    {
        if (TryGet(key, out _))
        {
            throw Wrong(key, $"is not supported; {mend}");
        }
    }

    /// <summary>Keys and values.</summary>
    public IEnumerable<JsonProperty> Properties() => _element.EnumerateObject();

    /// <summary>Keys that nothing has asked for, with their JSON text.</summary>
    public IEnumerable<KeyValuePair<string, string>> Unread()
    {
        foreach (JsonProperty property in _element.EnumerateObject())
        {
            if (!_read.Contains(property.Name))
            {
                yield return new KeyValuePair<string, string>(property.Name, JsonFile.TextOf(property.Value));
            }
        }
    }

    public CheckpointException Wrong(string key, string what) => new(Path, $"{_prefix}{key} {what}");

    /// <summary>A whole number, also one that is written with a point or an exponent.</summary>
    private static bool TryGetWhole(JsonElement value, out int number)
    {
        number = 0;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double exact) || exact != Math.Truncate(exact)
            || exact is < int.MinValue or > int.MaxValue)
        {
            return false;
        }

        number = (int)exact;
        return true;
    }

    private bool TryGet(string key, out JsonElement value)
    {
        _read.Add(key);
        return _element.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;
    }
}
