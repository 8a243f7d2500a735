namespace Actors.Model.Placement;

/// <summary>
/// How the sequences of a step are cut: micro-batch m has the sequences mB/M .. (m+1)B/M − 1, and sequence i of the step
/// belongs to source rank i mod ranks. A rank's part of a micro-batch is a chunk; it may be empty.
/// </summary>
public sealed class BatchPlan
{
    /// <summary>Cuts <paramref name="sequences"/> into <paramref name="microBatches"/> over <paramref name="sourceRanks"/>.</summary>
    /// <param name="sequences">Sequences of a step.</param>
    /// <param name="microBatches">Micro-batches of a step; may be more than sequences.</param>
    /// <param name="sourceRanks">Ranks between which a micro-batch is divided.</param>
    public BatchPlan(int sequences, int microBatches, int sourceRanks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sequences);
        ArgumentOutOfRangeException.ThrowIfLessThan(microBatches, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(sourceRanks, 1);
        Sequences = sequences;
        MicroBatches = microBatches;
        SourceRanks = sourceRanks;
        for (int m = 0; m < microBatches; m++)
        {
            for (int rank = 0; rank < sourceRanks; rank++)
            {
                MaxChunkSequences = Math.Max(MaxChunkSequences, CountOf(m, rank));
            }
        }
    }

    /// <summary>Sequences of a step.</summary>
    public int Sequences { get; }

    /// <summary>Micro-batches of a step.</summary>
    public int MicroBatches { get; }

    /// <summary>Ranks between which a micro-batch is divided.</summary>
    public int SourceRanks { get; }

    /// <summary>Sequences of the largest chunk.</summary>
    public int MaxChunkSequences { get; }

    /// <summary>
    /// How a pass of so many sequences is cut, so that its chunks are as full as here: into the fewest micro-batches of which none has more sequences than the largest
    /// here, among the numbers for which there is a timetable. Where even the fewest are more, chunks have fewer sequences, or none. As many sequences as here are cut as here.
    /// </summary>
    /// <param name="sequences">Sequences of the pass, 1 to <see cref="Sequences"/>.</param>
    /// <param name="hasTimetable">Whether a number of micro-batches has a timetable; it is asked in ascending order, and not of <see cref="MicroBatches"/>.</param>
    public BatchPlan OfPass(int sequences, Func<int, bool> hasTimetable)
    {
        int microBatches = MicroBatchesOf(sequences, hasTimetable);
        return sequences == Sequences ? this : new BatchPlan(sequences, microBatches, SourceRanks);
    }

    /// <summary>Micro-batches of <see cref="OfPass"/>.</summary>
    /// <param name="sequences">Sequences of the pass, 1 to <see cref="Sequences"/>.</param>
    /// <param name="hasTimetable">Whether a number of micro-batches has a timetable.</param>
    public int MicroBatchesOf(int sequences, Func<int, bool> hasTimetable)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sequences, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sequences, Sequences);
        ArgumentNullException.ThrowIfNull(hasTimetable);
        if (sequences == Sequences)
        {
            return MicroBatches;
        }

        int most = ((Sequences - 1) / MicroBatches) + 1, microBatches = ((sequences - 1) / most) + 1;
        while (microBatches < MicroBatches && !hasTimetable(microBatches))
        {
            microBatches++;
        }

        return microBatches;
    }

    /// <summary>First sequence of micro-batch <paramref name="microBatch"/>; for the number of micro-batches, the end.</summary>
    public int FirstOf(int microBatch) => (int)((long)microBatch * Sequences / MicroBatches);

    /// <summary>Number of sequences of a chunk.</summary>
    public int CountOf(int microBatch, int sourceRank)
    {
        int first = SequenceOf(microBatch, sourceRank, 0);
        int end = FirstOf(microBatch + 1);
        return first >= end ? 0 : (end - first - 1) / SourceRanks + 1;
    }

    /// <summary>Number in the step of the chunk's sequence <paramref name="index"/> (from 0, ascending).</summary>
    public int SequenceOf(int microBatch, int sourceRank, int index)
    {
        int start = FirstOf(microBatch);
        int first = start + (sourceRank - start % SourceRanks + SourceRanks) % SourceRanks;
        return first + index * SourceRanks;
    }
}
