using Actors.Model.Placement;
using Actors.Runtime.Pipeline;

namespace Actors.Cli.Runs;

/// <summary>The sequences that a serial run draws, one after the other: those that the ranks of a run with actors draw, each its own.</summary>
/// <param name="batches">Where they come from.</param>
/// <param name="length">Tokens of a sequence.</param>
internal sealed class DrawnSequences(IBatchSource batches, int length)
{
    private int[] _ids = [], _targets = [], _positions = [];
    private int _count;

    /// <summary>Tokens of a sequence.</summary>
    public int Length => length;

    /// <summary>Sequences that measure the held-out loss.</summary>
    public int HeldOutSequences => batches.HeldOutSequences;

    /// <summary>What was drawn last (sequences, length).</summary>
    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, _count * length);

    /// <summary>Its targets (sequences, length), −1 for none.</summary>
    public ReadOnlySpan<int> Targets => _targets.AsSpan(0, _count * length);

    /// <summary>Its positions in documents (sequences, length); empty where these are not masked.</summary>
    public ReadOnlySpan<int> Positions => batches.MasksDocuments ? _positions.AsSpan(0, _count * length) : default;

    /// <summary>Draws all sequences of a step.</summary>
    public void Draw(int step, int sequences)
    {
        Begin(sequences);
        for (int i = 0; i < sequences; i++)
        {
            batches.Draw(step, i, Of(_ids, i), Of(_targets, i));
            if (batches.MasksDocuments)
            {
                batches.DrawPositions(step, i, Of(_positions, i));
            }
        }
    }

    /// <summary>Draws a chunk of a batch of the held-out text.</summary>
    /// <param name="first">The batch's first sequence.</param>
    /// <param name="cut">How the batch is cut.</param>
    /// <param name="microBatch">The chunk's micro-batch.</param>
    /// <param name="source">The chunk's source rank.</param>
    public void DrawHeldOut(int first, BatchPlan cut, int microBatch, int source)
    {
        int sequences = cut.CountOf(microBatch, source);
        Begin(sequences);
        for (int i = 0; i < sequences; i++)
        {
            int number = first + cut.SequenceOf(microBatch, source, i);
            batches.DrawHeldOut(number, Of(_ids, i), Of(_targets, i));
            if (batches.MasksDocuments)
            {
                batches.DrawHeldOutPositions(number, Of(_positions, i));
            }
        }
    }

    /// <summary>Targets of the main model in a batch of the held-out text, whose last sequences may not be there.</summary>
    public long CountHeldOutTargets(int first, int sequences)
    {
        Span<long> count = stackalloc long[1];
        batches.CountHeldOutTargets(first, Math.Min(sequences, batches.HeldOutSequences - first), length, count);
        return count[0];
    }

    private void Begin(int sequences)
    {
        _count = sequences;
        if (_ids.Length < sequences * length)
        {
            (_ids, _targets, _positions) = (new int[sequences * length], new int[sequences * length], new int[sequences * length]);
        }
    }

    private Span<int> Of(int[] all, int i) => all.AsSpan(i * length, length);
}
