using Actors.Model.Training;
using Actors.Runtime.Configuration;
using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Data.Tokens;

/// <summary>
/// Packed documents as training's batches and the held-out part's. Training goes through all sequences in an order that the seed and the epoch's number
/// decide, each once, and then through the next epoch.
/// </summary>
internal sealed class TokenBatches : IBatchSource
{
    private readonly PackedDocuments _training, _heldOut;
    private readonly KeyedPermutation _order;
    private readonly ulong _seed;
    private readonly long _sequences;
    private readonly BatchSchedule _batches;

    public TokenBatches(PackedDocuments training, PackedDocuments heldOut, TrainingSettings settings, bool masksDocuments)
    {
        (_training, _heldOut) = (training, heldOut);
        MasksDocuments = masksDocuments;
        _seed = RandomBits.Of(settings.Seed);
        _batches = settings.PlanBatches();
        _sequences = training.SequencesOf(settings.SequenceLength);
        _order = new KeyedPermutation(_sequences);
        long most = settings.EvaluationBatches > 0 ? (long)settings.EvaluationBatches * settings.BatchSequences : int.MaxValue;
        HeldOutSequences = (int)Math.Min(most, heldOut.SequencesOf(settings.SequenceLength));
    }

    /// <inheritdoc/>
    public bool MasksDocuments { get; }

    /// <inheritdoc/>
    public int HeldOutSequences { get; }

    /// <inheritdoc/>
    public void Draw(int step, int sequence, Span<int> ids, Span<int> targets) => _training.Read(PlaceOf(step, sequence), ids, targets);

    /// <inheritdoc/>
    public void DrawPositions(int step, int sequence, Span<int> positions) => _training.ReadPositions(PlaceOf(step, sequence), positions);

    /// <inheritdoc/>
    public void CountTargets(int step, int sequences, int length, Span<long> counts)
    {
        counts.Clear();
        for (int sequence = 0; sequence < sequences; sequence++)
        {
            _training.AddTargets(PlaceOf(step, sequence), length, counts);
        }
    }

    /// <inheritdoc/>
    public void DrawHeldOut(int sequence, Span<int> ids, Span<int> targets)
    {
        if (sequence < HeldOutSequences)
        {
            _heldOut.Read(sequence, ids, targets);
        }
        else
        {
            ids.Clear();
            targets.Fill(-1);
        }
    }

    /// <inheritdoc/>
    public void DrawHeldOutPositions(int sequence, Span<int> positions)
    {
        if (sequence < HeldOutSequences)
        {
            _heldOut.ReadPositions(sequence, positions);
        }
        else
        {
            PackedDocuments.Count(positions);
        }
    }

    /// <inheritdoc/>
    public void CountHeldOutTargets(int first, int sequences, int length, Span<long> counts)
    {
        counts.Clear();
        for (int sequence = first; sequence < first + sequences; sequence++)
        {
            _heldOut.AddTargets(sequence, length, counts);
        }
    }

    /// <summary>Which of the packed sequences a step sees at a place.</summary>
    internal long PlaceOf(int step, int sequence)
    {
        (long epoch, long place) = Math.DivRem(_batches.SequencesBefore(step) + sequence, _sequences);
        return _order.Of(place, RandomBits.Of(_seed, epoch));
    }
}
