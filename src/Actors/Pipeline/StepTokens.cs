using System.Runtime.InteropServices;
using Actors.Model.Layers;
using Actors.Model.Placement;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// The tokens of the present step at one rank, chunk by chunk, and what a capturing step keeps. The rank draws them itself: ids for the
/// chunks that enter the pipeline here, targets for those that leave it here, and where documents are masked the positions of all.
/// </summary>
internal sealed class StepTokens : IDisposable
{
    private readonly IBackend _backend;
    private readonly RunPlan _plan;
    private readonly RankPosition _rank;
    private readonly List<Arena> _arenas = [];
    private readonly Tensor[] _ids;
    private readonly Tensor[] _targets;
    private readonly PredictionTokens[]?[] _predictions;
    private readonly Dictionary<(int Depth, int MicroBatch), HostTensor> _losses = [];
    private readonly Dictionary<(int Depth, int MicroBatch), HostTensor> _logits = [];
    private readonly Dictionary<(int Layer, int MicroBatch), HostTensor> _experts = [];
    private readonly int[] _hostIds;
    private readonly int[] _hostTargets;
    private int[] _hostPositions = [];
    private (int Step, int First, int? HeldOutFirst, bool HasDocuments) _pass;
    private BatchPlan _batch;

    /// <summary>Makes room for the largest pass.</summary>
    /// <param name="backend">Where the tokens lie.</param>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="placements">Which rank plays which stage, of every number of micro-batches that passes have.</param>
    public StepTokens(IBackend backend, RunPlan plan, RankPosition rank, IReadOnlyList<Schedules.Placement> placements)
    {
        (_backend, _plan, _rank) = (backend, plan, rank);
        _batch = plan.CutOf(plan.Sequences);
        MaxSequences = _batch.MaxChunkSequences;
        _ids = new Tensor[plan.MicroBatches];
        _targets = new Tensor[plan.MicroBatches];
        _predictions = new PredictionTokens[]?[plan.MicroBatches];
        _hostIds = new int[plan.SequenceLength];
        _hostTargets = new int[plan.SequenceLength];
        for (int m = 0; m < plan.MicroBatches; m++)
        {
            _ids[m] = placements.Any(placement => Enters(placement, m)) ? Allocate() : default;
            if (placements.Any(placement => Leaves(placement, m)))
            {
                _targets[m] = Allocate();
                _predictions[m] = [.. Enumerable.Range(1, plan.Model.PredictLayers).Select(depth => new PredictionTokens(backend, depth, MaxTokens))];
            }
        }
    }

    /// <summary>Where a step's tokens come from; null where only given batches are run.</summary>
    public IBatchSource? Source { get; set; }

    private IBatchSource SourceOfTokens => Source ?? throw new InvalidOperationException("This run has no data to draw a step from.");

    /// <summary>Sequences of the largest chunk.</summary>
    public int MaxSequences { get; }

    /// <summary>Rows of the largest chunk.</summary>
    public int MaxTokens => MaxSequences * _plan.SequenceLength;

    /// <summary>Draws the tokens of a pass.</summary>
    /// <param name="stream">Copies them; the step's first operations.</param>
    /// <param name="step">The step.</param>
    /// <param name="placement">Which rank plays which stage in the pass.</param>
    public void Begin(IStream stream, RunStep step, Schedules.Placement placement)
    {
        if (_batch.Sequences != step.Sequences / _plan.DataGroups)
        {
            _batch = _plan.CutOf(step.Sequences);
        }

        // The numbers alone: the message itself is of all domains.
        _pass = (
            step.Step, step.FirstSequence + (_rank.DataGroup * _batch.Sequences), step.HeldOutBatch * step.Sequences,
            step.Batch is null && Source is { MasksDocuments: true });
        for (int m = 0; m < _batch.MicroBatches; m++)
        {
            if (!Enters(placement, m) && !Leaves(placement, m))
            {
                continue;
            }

            for (int i = 0; i < SequencesOf(m); i++)
            {
                Draw(step, NumberOf(m, i));
                Upload(stream, _hostIds, _ids[m], i);
                Upload(stream, _hostTargets, _targets[m], i);
                foreach (PredictionTokens prediction in _predictions[m] ?? [])
                {
                    prediction.Set(stream, i * _hostIds.Length, _hostIds, _hostTargets, routesAllRead: step.Capture);
                }
            }
        }
    }

    /// <summary>Sequences of a chunk.</summary>
    public int SequencesOf(int microBatch) => _batch.CountOf(microBatch, _rank.ExpertRank);

    /// <summary>
    /// Each token's position in its document in a chunk of the present pass (tokens), until the next call; empty where attention sees whole sequences, as in
    /// a batch that is given.
    /// </summary>
    public ReadOnlySpan<int> Positions(int microBatch)
    {
        if (!_pass.HasDocuments)
        {
            return default;
        }

        if (_hostPositions.Length == 0)
        {
            _hostPositions = new int[MaxTokens];
        }

        int sequences = SequencesOf(microBatch), length = _plan.SequenceLength;
        for (int i = 0; i < sequences; i++)
        {
            Span<int> positions = _hostPositions.AsSpan(i * length, length);
            int number = NumberOf(microBatch, i);
            if (_pass.HeldOutFirst is { } heldOut)
            {
                SourceOfTokens.DrawHeldOutPositions(heldOut + number, positions);
            }
            else
            {
                SourceOfTokens.DrawPositions(_pass.Step, number, positions);
            }
        }

        return _hostPositions.AsSpan(0, sequences * length);
    }

    /// <summary>Token ids of a chunk, Int32 (1, tokens).</summary>
    public Tensor Ids(int microBatch) => Of(_ids[microBatch], microBatch);

    /// <summary>Targets of a chunk, Int32 (1, tokens); −1 counts nothing.</summary>
    /// <param name="depth">0: of the model; k: of prediction module k.</param>
    /// <param name="microBatch">The chunk.</param>
    public Tensor Targets(int depth, int microBatch) =>
        depth == 0 ? Of(_targets[microBatch], microBatch) : Predictions(depth, microBatch).Targets(SequencesOf(microBatch) * _plan.SequenceLength);

    /// <summary>What a prediction module, from 1, reads and predicts in a chunk.</summary>
    public PredictionTokens Predictions(int module, int microBatch) => _predictions[microBatch]![module - 1];

    /// <summary>Losses of a chunk (1, tokens) at one depth, for the host.</summary>
    public HostTensor Losses(int depth, int microBatch)
    {
        HostTensor losses = Whole(_losses, (depth, microBatch), 1, MaxTokens, ElementType.Float32);
        return losses.ColumnRange(0, SequencesOf(microBatch) * _plan.SequenceLength);
    }

    /// <summary>Kept logits of a chunk (tokens, vocabulary) at one depth.</summary>
    public HostTensor Logits(int depth, int microBatch) =>
        Kept(_logits, (depth, microBatch), microBatch, _plan.Model.VocabularySize, ElementType.Float32);

    /// <summary>Kept expert choices of a chunk in one layer of the model, Int32 (tokens, K).</summary>
    public HostTensor Experts(int layer, int microBatch) =>
        Kept(_experts, (layer, microBatch), microBatch, _plan.Model.ExpertsPerToken, ElementType.Int32);

    /// <summary>Logits of a chunk at one depth that a capturing step has kept; absent where none has.</summary>
    public HostTensor KeptLogits(int depth, int microBatch) => _logits.TryGetValue((depth, microBatch), out HostTensor kept) ? RowsOf(kept, microBatch) : default;

    /// <summary>Expert choices of a chunk in one layer that a capturing step has kept; absent where none has.</summary>
    public HostTensor KeptExperts(int layer, int microBatch) =>
        _experts.TryGetValue((layer, microBatch), out HostTensor kept) ? RowsOf(kept, microBatch) : default;

    public void Dispose()
    {
        foreach (Arena arena in _arenas)
        {
            arena.Dispose();
        }

        foreach (PredictionTokens prediction in _predictions.SelectMany(predictions => predictions ?? []))
        {
            prediction.Dispose();
        }
    }

    /// <summary>Whether a micro-batch of a placement enters the pipeline at this rank.</summary>
    private bool Enters(Schedules.Placement placement, int microBatch) =>
        microBatch < placement.MicroBatches && placement.RankOf(0, microBatch) == _rank.PipelineRank;

    /// <summary>Whether it leaves it here.</summary>
    private bool Leaves(Schedules.Placement placement, int microBatch) =>
        microBatch < placement.MicroBatches && placement.RankOf(placement.Stages - 1, microBatch) == _rank.PipelineRank;

    /// <summary>Number in the step, or in a batch, of a chunk's sequence.</summary>
    private int NumberOf(int microBatch, int i) => _pass.First + _batch.SequenceOf(microBatch, _rank.ExpertRank, i);

    private void Draw(RunStep step, int sequence)
    {
        if (step.Batch is { } batch)
        {
            batch.Ids.AsSpan(sequence * _hostIds.Length, _hostIds.Length).CopyTo(_hostIds);
            batch.Targets.AsSpan(sequence * _hostIds.Length, _hostIds.Length).CopyTo(_hostTargets);
        }
        else if (step.HeldOutBatch is { } number)
        {
            SourceOfTokens.DrawHeldOut((number * step.Sequences) + sequence, _hostIds, _hostTargets);
        }
        else
        {
            SourceOfTokens.Draw(step.Step, sequence, _hostIds, _hostTargets);
        }
    }

    private void Upload(IStream stream, int[] tokens, Tensor chunk, int place)
    {
        if (!chunk.IsAbsent)
        {
            stream.Upload(MemoryMarshal.AsBytes<int>(tokens), chunk.ColumnRange(place * tokens.Length, tokens.Length));
        }
    }

    private Tensor Of(Tensor chunk, int microBatch) => chunk.ColumnRange(0, SequencesOf(microBatch) * _plan.SequenceLength);

    private HostTensor Kept<TKey>(Dictionary<TKey, HostTensor> kept, TKey key, int microBatch, int columns, ElementType type)
        where TKey : notnull => RowsOf(Whole(kept, key, MaxTokens, columns, type), microBatch);

    private HostTensor Whole<TKey>(Dictionary<TKey, HostTensor> kept, TKey key, int rows, int columns, ElementType type)
        where TKey : notnull
    {
        if (!kept.TryGetValue(key, out HostTensor tensor))
        {
            var arena = new Arena(_backend, 0, Arena.Plan(rows, columns, type));
            _arenas.Add(arena);
            tensor = arena.TakeHost(rows, columns, type);
            kept.Add(key, tensor);
        }

        return tensor;
    }

    private HostTensor RowsOf(HostTensor kept, int microBatch) => kept.RowRange(0, SequencesOf(microBatch) * _plan.SequenceLength);

    private Tensor Allocate()
    {
        var arena = new Arena(_backend, Arena.Plan(1, MaxTokens, ElementType.Int32));
        _arenas.Add(arena);
        return arena.Take(1, MaxTokens, ElementType.Int32);
    }
}
