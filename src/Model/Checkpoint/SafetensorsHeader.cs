using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Actors.Model.Checkpoint;

/// <summary>
/// The JSON header of a safetensors file: for each tensor its element type, shape and place in the data that follow.
/// Checked as the format demands: places are in the data, neither overlap nor leave holes, and have the size of their shape.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>Longest header in bytes, the format's own limit.</summary>
    public const long MaxBytes = 100_000_000;

    private const string MetadataKey = "__metadata__";
    private readonly Dictionary<string, SafetensorsTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _lengths = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];
    private readonly string _path;

    private SafetensorsHeader(string path) => _path = path;

    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors => _tensors;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>Names in the order of their data.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>First byte of a tensor, counted from the end of the header.</summary>
    public long Offset(string name) => _offsets[name];

    /// <summary>Reads and checks.</summary>
    /// <param name="path">The file, for messages.</param>
    /// <param name="json">The header.</param>
    /// <param name="dataBytes">Bytes of the file after the header.</param>
    public static SafetensorsHeader Parse(string path, ReadOnlyMemory<byte> json, long dataBytes)
    {
        var header = new SafetensorsHeader(path);
        if (!Utf8.IsValid(json.Span))
        {
            throw header.Wrong("the header is no UTF-8: damaged file; copy or write it again");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw header.Wrong("the header is no JSON object: this is no safetensors file");
            }

            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals(MetadataKey))
                {
                    header.AddMetadata(property.Value);
                }
                else
                {
                    header.AddTensor(property.Name, property.Value);
                }
            }
        }
        catch (JsonException failure)
        {
            throw new CheckpointException(
                path,
                $"the header is no JSON (byte {8 + failure.BytePositionInLine}): this is no safetensors file, or it is damaged",
                failure);
        }
        catch (InvalidOperationException failure)
        {
            throw new CheckpointException(path, "the header has a name that is no Unicode (half of a surrogate pair): damaged file; copy or write it again", failure);
        }

        header.CheckPlaces(dataBytes);
        return header;
    }

    private void AddMetadata(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Wrong($"{MetadataKey} is no JSON object");
        }

        foreach (JsonProperty entry in value.EnumerateObject())
        {
            _metadata[entry.Name] = entry.Value.ValueKind == JsonValueKind.String
                ? entry.Value.GetString()!
                : throw Wrong($"{MetadataKey}.{entry.Name} is no string");
        }
    }

    private void AddTensor(string name, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out JsonElement typeName) || typeName.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out JsonElement sizes)
            || !value.TryGetProperty("data_offsets", out JsonElement places))
        {
            throw Wrong(name, "the header's entry lacks dtype, shape or data_offsets");
        }

        SafetensorsType type = SafetensorsElements.Parse(typeName.GetString());
        var tensor = new SafetensorsTensor(name, type, Integers(name, "shape", sizes)) { TypeName = typeName.GetString()! };
        long[] range = Integers(name, "data_offsets", places);
        if (range.Length != 2 || range[1] < range[0])
        {
            throw Wrong(name, $"data_offsets {JsonText.OneLine(places)} are no [begin, end]");
        }

        if (type != SafetensorsType.Other && range[1] - range[0] != BytesOf(tensor))
        {
            throw Wrong(
                name, $"data_offsets hold {Text(range[1] - range[0])} bytes, {tensor.TypeName}{tensor.ShapeText} has {Text(BytesOf(tensor))}");
        }

        if (!_tensors.TryAdd(name, tensor))
        {
            throw Wrong(name, "the header has this name twice");
        }

        _offsets.Add(name, range[0]);
        _lengths.Add(name, range[1] - range[0]);
        _names.Add(name);
    }

    private long BytesOf(SafetensorsTensor tensor)
    {
        try
        {
            return tensor.Bytes;
        }
        catch (OverflowException failure)
        {
            throw new CheckpointException(_path, $"{tensor.Name}: shape {tensor.ShapeText} has more elements than can be counted", failure);
        }
    }

    private long[] Integers(string name, string key, JsonElement array)
    {
        if (array.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(name, $"{key} is no array");
        }

        var values = new long[array.GetArrayLength()];
        for (int i = 0; i < values.Length; i++)
        {
            if (array[i].ValueKind != JsonValueKind.Number || !array[i].TryGetInt64(out values[i]) || values[i] < 0)
            {
                throw Wrong(name, $"{key} {JsonText.OneLine(array)} has an element that is no whole number of 0 or more");
            }
        }

        return values;
    }

    private void CheckPlaces(long dataBytes)
    {
        // An empty tensor shares its place with the one that follows, so it sorts first.
        _names.Sort((left, right) =>
        {
            int byOffset = _offsets[left].CompareTo(_offsets[right]);
            return byOffset != 0 ? byOffset : _lengths[left].CompareTo(_lengths[right]);
        });
        long end = 0;
        string before = "the header";
        foreach (string name in _names)
        {
            long start = _offsets[name];
            if (start < end)
            {
                throw Wrong(
                    name, $"its data begin at byte {Text(start)}, inside those of {before}, which end at {Text(end)}: damaged file");
            }

            if (start > end)
            {
                throw Wrong(
                    name, $"its data begin at byte {Text(start)}, leaving a hole after {before}, which ends at {Text(end)}: damaged file");
            }

            end = start + _lengths[name];
            before = name;
            if (end > dataBytes)
            {
                throw Wrong(
                    name,
                    $"its data end at byte {Text(end)}, the file has {Text(dataBytes)} bytes of data: truncated; copy or write it again");
            }
        }

        if (end != dataBytes)
        {
            throw Wrong($"{Text(dataBytes - end)} bytes follow the last tensor: damaged file");
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private CheckpointException Wrong(string what) => new(_path, what);

    private CheckpointException Wrong(string tensor, string what) => new(_path, $"{tensor}: {what}");
}
