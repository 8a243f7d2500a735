namespace Actors.Schedules.Tests.PyTorch;

/// <summary>What PyTorch 2.11 gives, from orders.txt: timetables written out and digests of a grid of sizes.</summary>
internal sealed class PyTorchOrders
{
    private static readonly Dictionary<string, string> NameOfClass = new()
    {
        ["GPipe"] = "gpipe",
        ["1F1B"] = "1f1b",
        ["Interleaved1F1B"] = "interleaved-1f1b",
        ["InterleavedZeroBubble"] = "interleaved-zero-bubble",
        ["ZBVZeroBubble"] = "zbv",
        ["DualPipeV"] = "dualpipev",
    };

    private PyTorchOrders()
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "PyTorch", "orders.txt"));
        for (var i = 0; i < lines.Length; i++)
        {
            var words = lines[i].Split(' ');
            if (words[0] == "timetable")
            {
                var rows = lines.Skip(i + 1).TakeWhile(row => row.Length > 0).ToArray();
                WrittenOut.Add(CaseOf(words.AsSpan(1)), rows);
                i += rows.Length;
            }
            else if (NameOfClass.ContainsKey(words[0]))
            {
                Digests.Add(CaseOf(words), words[4]);
            }
        }
    }

    public static PyTorchOrders File211 { get; } = new();

    /// <summary>Per case, a row of actions for each rank.</summary>
    public Dictionary<(string Schedule, PipelineSize Size), string[]> WrittenOut { get; } = [];

    /// <summary>Per case, the SHA-256 of the timetable's text, or <c>refused</c>.</summary>
    public Dictionary<(string Schedule, PipelineSize Size), string> Digests { get; } = [];

    private static (string Schedule, PipelineSize Size) CaseOf(ReadOnlySpan<string> words)
        => (NameOfClass[words[0]], new PipelineSize(int.Parse(words[1]), int.Parse(words[2]), int.Parse(words[3])));
}
