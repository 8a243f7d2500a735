using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// Writes the list of one rank in rounds of runs, as for more micro-batches than there are, and leaves the later ones out. Rounds of which
/// nothing is left cost no time.
/// </summary>
internal sealed class ClippedProgram(int microBatches, int capacity)
{
    private readonly ImmutableArray<StageAction>.Builder _actions = ImmutableArray.CreateBuilder<StageAction>(capacity);

    /// <summary>Rounds that each take the next micro-batch of every run, in the order of the runs.</summary>
    public void Rounds(int count, params ReadOnlySpan<ChunkRun> runs)
    {
        var kept = 0;
        foreach (var run in runs)
        {
            kept = Math.Max(kept, Math.Min(count, microBatches - run.Next));
        }

        for (var round = 0; round < kept; round++)
        {
            foreach (var run in runs)
            {
                if (run.Next + round < microBatches)
                {
                    _actions.Add(run.At(run.Next + round));
                }
            }
        }

        foreach (var run in runs)
        {
            run.Next += count;
        }
    }

    public ImmutableArray<StageAction> ToActions() => _actions.DrainToImmutable();
}
