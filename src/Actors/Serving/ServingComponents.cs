using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Serving;

/// <summary>What the components of a rank that serves do: attention over caches, and the next tokens at the last stage.</summary>
internal sealed class ServingComponents : StageComponents
{
    private readonly ServingResources _rank;
    private readonly StageServed _served;
    private ServeStep? _step;

    public ServingComponents(ServingResources rank, GroupAddresses group, StageArrivals arrivals, StageClock clock, IActorRef self)
        : base(rank, group, arrivals, clock, self)
    {
        _rank = rank;
        _served = new StageServed(rank.Rank, rank.Caches.Slots);
    }

    public override bool IsRecording => _rank.Recordings is { IsRecording: true };

    protected override ActivationMode Mode => ActivationMode.ForwardOnly;

    private SequenceBatch Batch => _step!.Batch;

    private bool IsPrefill => _step!.Mode == StepMode.Prefill;

    private bool DrawsTokens => !_step!.ChecksFinite && _rank.Layout.IsLast(_rank.Stages[^1].Stage);

    /// <summary>Recordings of the present step's kind; null where there are none.</summary>
    private DecodeRecordings? RecordingsOfKind => IsPrefill || _step!.ChecksFinite ? null : _rank.Recordings;

    /// <summary>The same; null also where ranks exchange rows behind marks, an operation at a time.</summary>
    private DecodeRecordings? Recordings => _rank.Plan.Ranks == 1 || _step!.IsRepeated ? RecordingsOfKind : null;

    public override void Begin(BeginStep step, StageProgram program)
    {
        base.Begin(step, program);
        _step = (ServeStep)step;
        if (IsPrefill)
        {
            _rank.Caches.BeginPrefill(Stream, Batch, begins: !_step.ChecksFinite);
        }
        else
        {
            _rank.Caches.BeginDecode(Stream, Batch, RecordingsOfKind?.RowsFor(Batch.Count) ?? Batch.Count);
            // To allocate memory may wait for peers' GPUs, and so for kernels that wait for this rank: the first step of its kind goes on behind marks.
            Device?.GoOnAtOnce(_step.IsRepeated && !_step.ChecksFinite);
        }
    }

    public override bool TryPlayWhole() => Recordings?.TryPlay(_rank.Caches.Batch.Rows) == true;

    public override void End()
    {
        base.End();
        Recordings?.End();
    }

    public override object Finish(RankTimes times)
    {
        _served.FirstNonFinitePart = FirstNonFinitePart;
        _served.Count = _rank.Layout.IsLast(_rank.Stages[^1].Stage) ? Batch.Count : 0;
        if (DrawsTokens)
        {
            _rank.Caches.Drawn.CopyTo(_served.Tokens);
        }

        return _served;
    }

    protected override void BeginChunk(ChunkActivations chunk, int microBatch)
    {
        if (IsPrefill)
        {
            chunk.Sequences.Set(Stream, Batch.Lengths);
        }

        chunk.SetTokens(IsPrefill ? chunk.Sequences.Tokens : _rank.Caches.Batch.Rows);
    }

    protected override Tensor Ids(int microBatch) => IsPrefill ? _rank.Caches.Ids : _rank.Caches.Batch.Ids;

    protected override void AttentionForward(Component c)
    {
        Attention attention = LayerOf(c).Attention;
        AttentionActivations activations = ActivationsOf(c).Attention;
        Tensor rows = _rank.Caches.Rows(c.Stage, c.Layer);
        if (IsPrefill)
        {
            attention.Prefill(Stream, activations, ChunkOf(c).Sequences, rows, _rank.Caches.FirstRows);
        }
        else
        {
            attention.Decode(Stream, activations, rows, _rank.Caches.Batch);
        }
    }

    protected override Execution StartHead(Component c)
    {
        OutputHeadActivations activations = ChunkOf(c).Heads[0];
        StageOf(c).Heads[0].Logits(Stream, activations);
        if (DrawsTokens && IsPrefill)
        {
            _rank.Caches.DrawAfterPrefill(Stream, activations.Logits, ChunkOf(c).Sequences);
        }
        else if (DrawsTokens)
        {
            _rank.Caches.DrawAfterDecode(Stream, activations.Logits);
        }

        return Execution.OnStream;
    }
}
