using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Pipeline;

/// <summary>What each component of a chunk does: enqueues the model's operations, lays rows down, sends the messages.</summary>
internal sealed partial class StageComponents
{
    private readonly RankResources _rank;
    private readonly PipelineAddresses _pipeline;
    private readonly StageClock _clock;
    private readonly IActorRef _self;
    private readonly Dictionary<(int Stage, int MicroBatch), ChunkActivations> _chunks = [];
    private readonly List<MicroBatchLoss> _losses = [];
    private readonly long[]?[] _load;
    private readonly ExchangeStarter _exchanges;
    private readonly FiniteCheck _finite = new();
    private byte[] _hostLosses = [];
    private RunStep _step = new(0, StepMode.Train, 0, Capture: false);
    private Tensor _output;
    private Tensor _layerOutput;
    private int _maxNodesOfToken;

    public StageComponents(RankResources rank, GroupAddresses group, PipelineAddresses pipeline, StageClock clock, IActorRef self)
    {
        _rank = rank;
        _pipeline = pipeline;
        _clock = clock;
        _self = self;
        _load = new long[rank.Layout.Layers][];
        _exchanges = new ExchangeStarter(rank.ExpertRank, rank.Fabric, group, rank.Time, self);
    }

    private ActivationMode Mode => _step.Mode == StepMode.Train ? _rank.TrainingMode : ActivationMode.ForwardOnly;

    private IStream Stream => _rank.Stream;

    public void Begin(RunStep step)
    {
        _step = step;
        _losses.Clear();
        _finite.Reset();
        _maxNodesOfToken = 0;
        foreach (long[]? counts in _load)
        {
            counts?.AsSpan().Clear();
        }

        if (step.Mode == StepMode.Train)
        {
            foreach (StageModel stage in _rank.Stages)
            {
                stage.Gradients!.Begin();
            }
        }
    }

    public StagePlayed Finish(RunStep step, RankTimes times) =>
        new(_rank.Rank, step.Step, [.. _losses], Load(), times, _maxNodesOfToken, _finite.FirstPart);

    /// <summary>Starts a component.</summary>
    public Execution Run(Component c)
    {
        Execution execution = Start(c);
        if (_step.ChecksFinite)
        {
            CheckOutput(c);
        }

        return execution;
    }

    private Execution Start(Component c)
    {
        switch (c.Kind)
        {
            case ComponentKind.ReceiveForward:
                ReceiveForward(c);
                return Execution.OnStream;
            case ComponentKind.AttentionForward:
                AttentionForward(c);
                return Execution.OnStream;
            case ComponentKind.StartDispatch:
                StartDispatch(c);
                return Execution.Finished;
            case ComponentKind.FeedForward:
                LayerOf(c).ForwardFeedForward(Stream, ActivationsOf(c), LayerOf(c).Weights.HasExperts ? default : OutputOf(c));
                return Execution.OnStream;
            case ComponentKind.ExpertsForward:
                _exchanges.RunExperts(Exchange(c), ExchangePhase.Forward);
                return Execution.Elsewhere;
            case ComponentKind.StartCombine:
                return Combine(c, ExchangePhase.Forward);
            case ComponentKind.FinishLayer:
                LayerOf(c).ForwardCombine(Stream, ActivationsOf(c), OutputOf(c));
                return Execution.OnStream;
            case ComponentKind.SendForward:
                return SendForward(c);
            case ComponentKind.ReceiveBackward:
                ReceiveBackward(c);
                return Execution.OnStream;
            case ComponentKind.StartGradientDispatch:
                StartGradientDispatch(c);
                return Execution.Finished;
            case ComponentKind.FeedForwardBackward:
                LayerOf(c).BackwardFeedForwardInput(Stream, ActivationsOf(c));
                return Execution.OnStream;
            case ComponentKind.ExpertsBackward:
                _exchanges.RunExperts(Exchange(c), ExchangePhase.Backward);
                return Execution.Elsewhere;
            case ComponentKind.StartGradientCombine:
                return Combine(c, ExchangePhase.Backward);
            case ComponentKind.FeedForwardWeights:
                LayerOf(c).BackwardFeedForwardWeights(Stream, ActivationsOf(c), StageOf(c).Gradients!);
                return Execution.OnStream;
            case ComponentKind.ExpertWeights:
                _exchanges.RunExpertWeights(Exchange(c));
                return Execution.Elsewhere;
            case ComponentKind.AttentionBackward:
                AttentionBackward(c);
                return Execution.OnStream;
            case ComponentKind.AttentionWeights:
                LayerOf(c).Attention.BackwardWeights(Stream, ActivationsOf(c).Attention, StageOf(c).Gradients!);
                return Execution.OnStream;
            case ComponentKind.SendBackward:
                SendBackward(c);
                return Execution.Finished;
            case ComponentKind.EndWeights:
                EndWeights(c);
                return Execution.OnStream;
            default:
                _chunks.Remove((c.Stage, c.MicroBatch), out ChunkActivations? chunk);
                StageOf(c).Return(chunk!, Mode);
                return Execution.Finished;
        }
    }

    /// <summary>What follows on the host once a component's work has run.</summary>
    public void Completed(Component c)
    {
        _finite.End();
        switch (c.Kind)
        {
            case ComponentKind.SendForward when _rank.Layout.IsLast(c.Stage) && _rank.Caches is null:
                SumLosses(c);
                break;
            case ComponentKind.AttentionForward when LayerOf(c).Weights.HasExperts && _step.Capture:
                Stream.Copy(
                    ActivationsOf(c).Attention.Experts,
                    _rank.Step!.Experts(_rank.Layout.FirstLayer(c.Stage) + c.Layer, c.MicroBatch, _rank.ExpertRank));
                break;
            default:
                break;
        }
    }

    /// <summary>Looks at the output of the embedding, a layer or the head.</summary>
    private void CheckOutput(Component c)
    {
        int part = _rank.Layout.FirstLayer(c.Stage) + c.Layer + 1;
        switch (c.Kind)
        {
            case ComponentKind.ReceiveForward when StageLayout.IsFirst(c.Stage):
                _finite.Begin(Stream, ChunkOf(c).Layers[0].Attention.Input, 0);
                break;
            case ComponentKind.FinishLayer:
                _finite.Begin(Stream, _layerOutput, part);
                break;
            case ComponentKind.FeedForward when !LayerOf(c).Weights.HasExperts:
                _finite.Begin(Stream, _layerOutput, part);
                break;
            case ComponentKind.SendForward when _rank.Layout.IsLast(c.Stage):
                // The gradient may have taken the logits' place: those kept for the caller are still what they were.
                _finite.Begin(
                    Stream,
                    _step.Capture ? _rank.Step!.Logits(c.MicroBatch, _rank.ExpertRank) : ChunkOf(c).Head!.Logits,
                    _rank.Layout.Layers + 1);
                break;
            default:
                break;
        }
    }

    private StageModel StageOf(Component c) => _rank.StageOf(c.Stage);

    private TransformerLayer LayerOf(Component c) => StageOf(c).Layers[c.Layer];

    private ChunkActivations ChunkOf(Component c) => _chunks[(c.Stage, c.MicroBatch)];

    private LayerActivations ActivationsOf(Component c) => ChunkOf(c).Layers[c.Layer];

    private int Exchange(Component c) => _rank.Exchanges.Of(c.Stage, c.Layer, c.MicroBatch);

    private void ReceiveForward(Component c)
    {
        ChunkActivations chunk = StageOf(c).Rent(Mode);
        _chunks.Add((c.Stage, c.MicroBatch), chunk);
        _rank.Input.Begin(Stream, chunk, _step, c.MicroBatch, _rank.ExpertRank);
        Tensor input = chunk.Layers[0].Attention.Input;
        if (StageOf(c).Embedding is { } embedding)
        {
            embedding.Forward(Stream, _rank.Input.Ids(c.MicroBatch, _rank.ExpertRank), input);
            return;
        }

        Tensor rows = _rank.Pipeline.TakeActivation(c.Stage, c.MicroBatch, _rank.ExpertRank);
        Stream.Copy(rows, input);
        _rank.Pipeline.Pool.Return(rows);
    }

    private void AttentionForward(Component c)
    {
        Attention attention = LayerOf(c).Attention;
        AttentionActivations activations = ActivationsOf(c).Attention;
        SequenceLayout sequences = ChunkOf(c).Sequences;
        switch (_step.Mode)
        {
            case StepMode.Prefill:
                attention.Prefill(Stream, activations, sequences, _rank.Caches!.Rows(c.Stage, c.Layer), _rank.Caches.FirstRows);
                break;
            case StepMode.Decode:
                attention.Decode(Stream, activations, sequences, _rank.Caches!.Rows(c.Stage, c.Layer), _rank.Caches.Batch);
                break;
            default:
                attention.Forward(Stream, activations, sequences);
                break;
        }
    }

    /// <summary>Where a layer's output goes: the next layer's input, the head's, or a tensor for the next stage.</summary>
    private Tensor OutputOf(Component c) => _layerOutput = Output(c);

    private Tensor Output(Component c)
    {
        ChunkActivations chunk = ChunkOf(c);
        if (c.Layer + 1 < chunk.Layers.Length)
        {
            return chunk.Layers[c.Layer + 1].Attention.Input;
        }

        if (chunk.Head is { } head)
        {
            return head.Input;
        }

        Tensor input = chunk.Layers[0].Attention.Input;
        _output = _rank.Pipeline.Pool.Rent(input.Rows, input.Columns);
        return _output;
    }

    private void StartDispatch(Component c)
    {
        int exchange = Exchange(c);
        AttentionActivations a = ActivationsOf(c).Attention;
        SourceExchange source = _rank.Fabric.Source(_rank.ExpertRank, exchange);
        source.SetForward(a.Normed, a.Experts, a.ExpertWeights, ActivationsOf(c).Routed);
        if (_rank.Caches is null)
        {
            CountLoad(_rank.Layout.FirstLayer(c.Stage) + c.Layer, a.Experts);
        }

        _maxNodesOfToken = Math.Max(_maxNodesOfToken, source.Layout.MaxNodesOfToken);
        _clock.CommunicationStarted(c, exchange, ExchangePhase.Forward, _exchanges.Dispatch(exchange));
    }

    private Execution Combine(Component c, ExchangePhase phase)
    {
        int exchange = Exchange(c);
        _clock.CommunicationStarted(c, exchange, phase, _exchanges.Combine(exchange, phase));
        return Execution.Finished;
    }

    private Execution SendForward(Component c)
    {
        if (!_rank.Layout.IsLast(c.Stage))
        {
            _rank.Pipeline.PutActivation(c.Stage + 1, c.MicroBatch, _rank.ExpertRank, _output);
            StageAt(c.Stage + 1, c.MicroBatch).Tell(new ActivationArrived(c.Stage + 1, c.MicroBatch), _self);
            return Execution.Finished;
        }

        OutputHeadActivations activations = ChunkOf(c).Head!;
        OutputHead head = StageOf(c).Head!;
        if (_rank.Caches is { } caches)
        {
            head.Logits(Stream, activations);
            caches.KeepLogits(Stream, activations.Logits, ChunkOf(c).Sequences);
            return Execution.OnStream;
        }

        Tensor targets = _rank.Step!.Targets(c.MicroBatch, _rank.ExpertRank);
        head.Logits(Stream, activations);
        if (_step.Capture)
        {
            Stream.Copy(activations.Logits, _rank.Step!.Logits(c.MicroBatch, _rank.ExpertRank));
        }

        head.Loss(Stream, activations, targets, _step.LossScale);
        if (_hostLosses.Length == 0)
        {
            _hostLosses = new byte[activations.MaxTokens * sizeof(float)];
        }

        Stream.Download(activations.Losses, _hostLosses.AsMemory(0, activations.Tokens * sizeof(float)));
        return Execution.OnStream;
    }

    private void SumLosses(Component c)
    {
        double sum = 0;
        foreach (float loss in MemoryMarshal.Cast<byte, float>(_hostLosses)[..ChunkOf(c).Tokens])
        {
            sum += loss;
        }

        _losses.Add(new MicroBatchLoss(c.MicroBatch, sum));
    }

    /// <summary>How often each expert was chosen, by layer; none of a step that serves.</summary>
    private ImmutableArray<LayerLoad> Load()
    {
        var load = ImmutableArray.CreateBuilder<LayerLoad>();
        for (int layer = 0; layer < _load.Length; layer++)
        {
            if (_load[layer] is { } counts)
            {
                load.Add(new LayerLoad(layer, [.. counts]));
            }
        }

        return load.DrainToImmutable();
    }

    private void CountLoad(int layer, Tensor experts)
    {
        long[] counts = _load[layer] ??= new long[_rank.Fabric.Shape.Experts];
        foreach (int expert in experts.AsSpan<int>())
        {
            counts[expert]++;
        }
    }

    private IActorRef StageAt(int stage, int microBatch) => _pipeline.Stages[_rank.Placements[_step.Mode].RankOf(stage, microBatch)][_rank.ExpertRank];
}
