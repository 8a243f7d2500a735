using System.Collections.Immutable;
using System.Text;
using Actors.Cli.Requests;
using Actors.Runtime.Training.Memory;
using Actors.Tensors;

namespace Actors.Cli.Progress;

/// <summary>What memory a run takes, as a table: a row for ranks that take about the same, one for what those of a domain share, a column for each kind.</summary>
internal static class MemoryText
{
    /// <summary>Rows of ranks and domains at most: of more, those are together that differ by more.</summary>
    public const int MostGroups = 12;

    /// <summary>The lines.</summary>
    public static IEnumerable<string> Of(PlannedMemory planned)
    {
        if (planned.Even is not { } even || planned.Most is not { } most)
        {
            yield return $"memory: about {Bytes(planned.All.Total)}";
            yield break;
        }

        (string Name, MemoryEstimate Each, double? Most)[] rows =
        [
            .. even.Groups(MostGroups).Select(group => (NameOf(group), group.Each, (double?)MostOf(group, most))),
            .. planned.InUse is null ? [] : even.Devices.Select((device, number) => ($"GPU {number}", device, (double?)most.Devices[number].Buffers)),
            ("all", even.Total, most.Total.Buffers),
        ];
        MemoryKind[] kinds = [.. MemoryEstimate.Kinds.Where(kind => even.Total[kind] > 0)];
        bool hasPinned = even.Total.OnHost > 0;
        string[][] cells =
        [
            ["memory", .. kinds.Select(NameOf), .. Pinned("pinned"), "in all", "at most"],
            .. rows.Select(row => (string[])[row.Name, .. kinds.Select(kind => Bytes(row.Each[kind])), .. Pinned(Bytes(row.Each.OnHost)), Bytes(row.Each.Buffers), Bytes(row.Most ?? 0)]),
        ];
        int[] widths = [.. cells[0].Select((_, column) => cells.Max(row => row[column].Length))];
        foreach (string[] row in cells)
        {
            var line = new StringBuilder(row[0].PadRight(widths[0]));
            for (int column = 1; column < row.Length; column++)
            {
                line.Append("  ").Append(row[column].PadLeft(widths[column]));
            }

            yield return line.ToString();
        }

        yield return "apart: " + string.Join("; ", Apart(planned));

        string[] Pinned(string cell) => hasPinned ? [cell] : [];
    }

    /// <summary>Ranks or domains in words: each of ranks 0-3, 8.</summary>
    public static string NameOf(MemoryGroup group)
    {
        string numbers = Ranges(group.Numbers);
        string what = group.AreDomains ? "domain" : "rank";
        return group.Numbers.Length == 1 ? $"{what} {numbers}{(group.AreDomains ? ", shared" : "")}" : $"each of {what}s {numbers}{(group.AreDomains ? ", shared" : "")}";
    }

    /// <summary>A kind as a column is called.</summary>
    public static string NameOf(MemoryKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>What of a device or process is not a run's own allocations.</summary>
    private static IEnumerable<string> Apart(PlannedMemory planned)
    {
        yield return $"the process {Bytes(MemoryEstimate.Process)}";
        if (planned.Sample.Buffers > 0)
        {
            yield return $"the text at the end {Bytes(planned.Sample.Buffers)}";
        }

        if (planned.InUse is { } inUse)
        {
            yield return $"in use on the GPUs before, by contexts, libraries and others: {string.Join(", ", inUse.Select(bytes => Bytes(bytes)))}";
            yield return $"workspaces of libraries and kernels, a stream: at most {Bytes(planned.WorkspaceBytes)}";
        }
    }

    private static double MostOf(MemoryGroup group, MemoryTable most)
    {
        ImmutableArray<MemoryEstimate> all = group.AreDomains ? most.Domains : most.Ranks;
        return group.Numbers.Max(number => all[number].Buffers);
    }

    private static string Ranges(ImmutableArray<int> numbers)
    {
        var text = new StringBuilder();
        for (int first = 0; first < numbers.Length;)
        {
            int last = first;
            while (last + 1 < numbers.Length && numbers[last + 1] == numbers[last] + 1)
            {
                last++;
            }

            text.Append(first == 0 ? "" : ", ").Append(numbers[first]).Append(last > first ? $"-{numbers[last]}" : "");
            first = last + 1;
        }

        return text.ToString();
    }

    private static string Bytes(double bytes) => bytes < 0.5 ? "-" : Quantity.Bytes((long)Math.Min(bytes, long.MaxValue / 2));
}
