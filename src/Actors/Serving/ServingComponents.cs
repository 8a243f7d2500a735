using Actors.Model.Inference;
using Actors.Model.Layers;
using Actors.Model.Numbers;
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
    private readonly TokenSampler?[] _samplers;
    private ServeStep? _step;

    public ServingComponents(ServingResources rank, GroupAddresses group, StageArrivals arrivals, StageClock clock, IActorRef self)
        : base(rank, group, arrivals, clock, self)
    {
        _rank = rank;
        _served = new StageServed(rank.Rank, rank.Caches.Slots);
        _samplers = new TokenSampler?[rank.Caches.Slots];
    }

    protected override ActivationMode Mode => ActivationMode.ForwardOnly;

    private SequenceBatch Batch => _step!.Batch;

    public override void Begin(BeginStep step)
    {
        base.Begin(step);
        _step = (ServeStep)step;
        _rank.Caches.Begin(Stream, Batch);
        if (_step.ChecksFinite)
        {
            // The same step once more: what was drawn the first time stands, or a sequence's random numbers would go on twice.
            return;
        }

        _served.Tokens.Fill(StageServed.NoToken);
        for (int i = 0; _step.Mode == StepMode.Prefill && i < Batch.Count; i++)
        {
            Sampling sampling = Batch.Entries[i].Sampling;
            _samplers[Batch.Slots[i]] = new TokenSampler(sampling.Temperature, sampling.TopP, sampling.Seed);
        }
    }

    public override object Finish(RankTimes times)
    {
        _served.FirstNonFinitePart = FirstNonFinitePart;
        _served.Count = _rank.Layout.IsLast(_rank.Stages[^1].Stage) ? Batch.Count : 0;
        return _served;
    }

    /// <summary>The host draws from the logits.</summary>
    public override bool AwaitsEnd(Component c) => base.AwaitsEnd(c) || (c.Kind == ComponentKind.SendForward && _rank.Layout.IsLast(c.Stage));

    public override void Completed(Component c)
    {
        base.Completed(c);
        if (c.Kind == ComponentKind.SendForward && _rank.Layout.IsLast(c.Stage))
        {
            DrawTokens();
        }
    }

    protected override void BeginChunk(ChunkActivations chunk, int microBatch)
    {
        if (_step!.Mode == StepMode.Prefill)
        {
            chunk.Sequences.Set(Stream, Batch.Lengths);
        }
        else
        {
            chunk.Sequences.SetSteps(Stream, Batch.Positions);
        }

        chunk.TakeTokens();
    }

    protected override Tensor Ids(int microBatch) => _rank.Caches.Ids;

    protected override void AttentionForward(Component c)
    {
        Attention attention = LayerOf(c).Attention;
        AttentionActivations activations = ActivationsOf(c).Attention;
        Tensor rows = _rank.Caches.Rows(c.Stage, c.Layer);
        if (_step!.Mode == StepMode.Prefill)
        {
            attention.Prefill(Stream, activations, ChunkOf(c).Sequences, rows, _rank.Caches.FirstRows);
        }
        else
        {
            attention.Decode(Stream, activations, ChunkOf(c).Sequences, rows, _rank.Caches.Batch);
        }
    }

    protected override Execution StartHead(Component c)
    {
        OutputHeadActivations activations = ChunkOf(c).Head!;
        StageOf(c).Head!.Logits(Stream, activations);
        _rank.Caches.KeepLogits(Stream, activations.Logits, ChunkOf(c).Sequences);
        return Execution.OnStream;
    }

    /// <summary>Draws the next token of every sequence whose logits are finite.</summary>
    private void DrawTokens()
    {
        HostTensor logits = _rank.Caches.Logits;
        for (int i = 0; i < Batch.Count; i++)
        {
            ReadOnlySpan<float> row = logits.RowSpan<float>(i);
            if (_served.Tokens[i] == StageServed.NoToken && FiniteValues.AreAll(row))
            {
                _served.Tokens[i] = _samplers[Batch.Slots[i]]!.Next(row);
            }
        }
    }
}
