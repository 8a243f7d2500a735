using System.Collections.Immutable;
using System.Text.Json;

namespace Actors.Schedules.Formats;

/// <summary>Makes a timetable of a JSON object; every refusal says the path of the value.</summary>
internal static class TimetableJsonReader
{
    private static readonly string[] Keys =
        ["schedule", "forwardOnly", "ranks", "stages", "microBatches", "rankOfStage", "directionOfMicroBatch", "actions"];

    public static Timetable Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Refuse("$", "must be an object");
        }

        RefuseUnknownKeys(root);
        var rankOfStage = ReadLists(Require(root, "rankOfStage"), "$.rankOfStage", ReadNumber);
        var directionOfMicroBatch = ReadList(Require(root, "directionOfMicroBatch"), "$.directionOfMicroBatch", ReadNumber);
        var actions = ReadLists(Require(root, "actions"), "$.actions", ReadAction);
        var forwardOnly = ReadBoolean(Require(root, "forwardOnly"), "$.forwardOnly");
        var schedule = ReadString(Require(root, "schedule"), "$.schedule");
        try
        {
            var placement = new Placement(ReadNumber(Require(root, "ranks"), "$.ranks"), rankOfStage, directionOfMicroBatch);
            RequireEqual(root, "stages", placement.Stages, "$.rankOfStage[0]");
            RequireEqual(root, "microBatches", placement.MicroBatches, "$.directionOfMicroBatch");
            if (SizeLimit.Refuse(placement.Stages, placement.MicroBatches, CountComputations(actions)) is { } refusal)
            {
                throw Refuse("$", refusal);
            }

            return new Timetable(schedule, placement, actions, forwardOnly);
        }
        catch (ArgumentException error)
        {
            throw Refuse("$", error is ArgumentOutOfRangeException ? "ranks must be at least 1" : error.Message);
        }
    }

    private static void RefuseUnknownKeys(JsonElement root)
    {
        foreach (var property in root.EnumerateObject())
        {
            if (!Keys.AsSpan().Contains(property.Name))
            {
                throw Refuse("$", $"has no key '{property.Name}': the keys are {string.Join(", ", Keys)}");
            }
        }
    }

    private static int CountComputations(ImmutableArray<ImmutableArray<StageAction>> actions)
    {
        var count = 0;
        foreach (var list in actions)
        {
            foreach (var action in list)
            {
                count += action.IsCommunication ? 0 : 1;
            }
        }

        return count;
    }

    private static JsonElement Require(JsonElement root, string key)
        => root.TryGetProperty(key, out var value) ? value : throw Refuse($"$.{key}", "is missing");

    private static void RequireEqual(JsonElement root, string key, int expected, string list)
    {
        if (ReadNumber(Require(root, key), $"$.{key}") is var stated && stated != expected)
        {
            throw Refuse($"$.{key}", $"says {stated}, but {list} has {expected} entries");
        }
    }

    private static ImmutableArray<ImmutableArray<T>> ReadLists<T>(JsonElement value, string path, Func<JsonElement, string, T> read)
        => ReadList(value, path, (list, listPath) => ReadList(list, listPath, read));

    private static ImmutableArray<T> ReadList<T>(JsonElement value, string path, Func<JsonElement, string, T> read)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            throw Refuse(path, "must be a list");
        }

        var list = ImmutableArray.CreateBuilder<T>(value.GetArrayLength());
        foreach (var entry in value.EnumerateArray())
        {
            list.Add(read(entry, $"{path}[{list.Count}]"));
        }

        return list.MoveToImmutable();
    }

    private static StageAction ReadAction(JsonElement value, string path)
        => StageAction.TryParse(ReadString(value, path), out var action, out var error) ? action : throw Refuse(path, error);

    private static int ReadNumber(JsonElement value, string path)
        => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= 0
            ? number
            : throw Refuse(path, "must be a whole number from 0");

    private static bool ReadBoolean(JsonElement value, string path)
        => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Refuse(path, "must be true or false");

    private static string ReadString(JsonElement value, string path)
        => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Refuse(path, "must be a string");

    private static TimetableFormatException Refuse(string path, string problem) => new(0, 0, $"{path} {problem}");
}
