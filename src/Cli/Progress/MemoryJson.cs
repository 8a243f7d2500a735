using System.Text.Json;
using Actors.Cli.Requests;
using Actors.Runtime.Training.Memory;
using Actors.Tensors;

namespace Actors.Cli.Progress;

/// <summary>What memory a run takes, as an object of one line. All numbers are bytes.</summary>
internal static class MemoryJson
{
    /// <summary>Writes its members.</summary>
    public static void Write(Utf8JsonWriter json, PlannedMemory planned)
    {
        json.WriteNumber("checked", Whole(planned.All.Total));
        json.WriteNumber("process", Whole(MemoryEstimate.Process));
        json.WriteNumber("sample", Whole(planned.Sample.Buffers));
        if (planned.InUse is { } inUse)
        {
            json.WriteStartArray("inUse");
            foreach (long bytes in inUse)
            {
                json.WriteNumberValue(bytes);
            }

            json.WriteEndArray();
            json.WriteNumber("workspaceOfStream", planned.WorkspaceBytes);
        }

        if (planned.Even is { } even && planned.Most is { } most)
        {
            json.WriteNumber("most", Whole(most.Total.Buffers));
            WriteGroups(json, even);
        }
    }

    /// <summary>Writes a table as its total, by kind, and its groups, each with the largest of its members.</summary>
    public static void WriteGroups(Utf8JsonWriter json, MemoryTable table)
    {
        MemoryEstimate total = table.Total;
        json.WriteNumber("total", Whole(total.Buffers));
        json.WriteStartObject("byKind");
        Write(json, total);
        json.WriteEndObject();
        json.WriteStartArray("groups");
        foreach (MemoryGroup group in table.Groups(MemoryText.MostGroups))
        {
            Write(json, group);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, MemoryGroup group)
    {
        json.WriteStartObject();
        json.WriteStartArray(group.AreDomains ? "domains" : "ranks");
        foreach (int number in group.Numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
        Write(json, group.Each);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, MemoryEstimate estimate)
    {
        foreach (MemoryKind kind in MemoryEstimate.Kinds)
        {
            if (estimate[kind] > 0)
            {
                json.WriteNumber(MemoryText.NameOf(kind), Whole(estimate[kind]));
            }
        }

        json.WriteNumber("pinned", Whole(estimate.OnHost));
    }

    private static long Whole(double bytes) => (long)Math.Min(bytes, long.MaxValue / 2);
}
