namespace Actors.Simulation.Faults;

/// <summary>A checkpoint of a simulated disk, as it is written.</summary>
/// <param name="step">Steps behind it.</param>
internal sealed class SavedState(int step)
{
    private readonly List<(SimulatedProcess Writer, string Block)> _unsure = [];

    public int Step { get; } = step;

    /// <summary>The blocks that are written, by name.</summary>
    public SortedDictionary<string, SavedBlock> Blocks { get; } = new(StringComparer.Ordinal);

    /// <summary>A process writes a block; until its work has ended a crash may tear it.</summary>
    public void Write(SimulatedProcess writer, string name, SavedBlock block)
    {
        Blocks[name] = block;
        _unsure.Add((writer, name));
    }

    /// <summary>What a process has written is safe.</summary>
    public void Sync(SimulatedProcess writer) => _unsure.RemoveAll(entry => entry.Writer == writer);

    /// <summary>A process has ended while it wrote.</summary>
    public void Tear(SimulatedProcess writer)
    {
        foreach ((_, string block) in _unsure.Where(entry => entry.Writer == writer))
        {
            Blocks.Remove(block);
        }

        Sync(writer);
    }

    /// <summary>What differs from another checkpoint of the step; null: nothing.</summary>
    public string? DifferenceFrom(SavedState other)
    {
        string[] missing = [.. other.Blocks.Keys.Except(Blocks.Keys)];
        if (missing.Length > 0)
        {
            return $"{missing.Length} blocks are missing, the first is {missing[0]}";
        }

        string? changed = other.Blocks.Where(entry => !entry.Value.IsSame(Blocks[entry.Key])).Select(entry => entry.Key).FirstOrDefault();
        return changed is null ? null : $"{changed} has other bits";
    }
}
