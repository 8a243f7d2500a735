using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline.Exchanges;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Pipeline;

/// <summary>What each component of a chunk does: enqueues the model's operations, lays rows down, sends the messages.</summary>
internal abstract class StageComponents
{
    private const string NodeRule = "the gate has chosen experts of more groups than the model's expert-groups-kept";

    private readonly RankResources _rank;
    private readonly StageArrivals _arrivals;
    private readonly StageClock _clock;
    private readonly Dictionary<(int Stage, int MicroBatch), ChunkActivations> _chunks = [];
    private readonly FiniteCheck _finite = new();
    private readonly Parcel?[] _forward;
    private readonly OwnExchange? _own;
    private BeginStep? _step;
    private StageProgram? _program;
    private Frame _received;
    private Tensor _spent;
    private Frame _output;
    private Tensor _layerOutput;

    private protected StageComponents(RankResources rank, GroupAddresses group, StageArrivals arrivals, StageClock clock, IActorRef self)
    {
        _rank = rank;
        _arrivals = arrivals;
        _clock = clock;
        _forward = new Parcel?[rank.Layout.Stages * rank.Plan.MicroBatches];
        Self = self;
        Starter = new ExchangeStarter(rank.ExpertRank, rank.Fabric, group, rank.Time, self);
        Device = rank.Fabric.DeviceWindows is { } windows ? new DeviceExchange(rank, windows, group, clock, self) : null;
        _own = Device is null && rank.Fabric.Shape.Ranks == 1 ? new OwnExchange(rank.Experts) : null;
        Exchanges = Device is not null ? Device : _own is not null ? _own :
            new ActorExchange(Starter, rank.Fabric, rank.ExpertRank, new SentRows(rank.Fabric.Shape, rank.Stream, rank.Pool, rank.Exchanges.Count));
    }

    /// <summary>The exchange, where ranks tell each other what they have enqueued.</summary>
    public DeviceExchange? Device { get; }

    /// <summary>The stage's actor.</summary>
    protected IActorRef Self { get; }

    /// <summary>Tells the rank's shard when to compute.</summary>
    protected ExchangeStarter Starter { get; }

    protected IRowExchange Exchanges { get; }

    protected IStream Stream => _rank.Stream;

    /// <summary>What a chunk of the present step keeps.</summary>
    protected abstract ActivationMode Mode { get; }

    /// <summary>The first part of the model whose output was found to be not finite in this step.</summary>
    protected int? FirstNonFinitePart => _finite.FirstPart;

    /// <summary>Whether components are recorded, to be enqueued at the step's end, and so do not bring the stage ahead of its stream.</summary>
    public virtual bool IsRecording => false;

    /// <summary>Begins a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="program">What the rank plays of it.</param>
    public virtual void Begin(BeginStep step, StageProgram program)
    {
        (_step, _program) = (step, program);
        _finite.Reset();
        StageModel stage = _rank.Stages[0];
        Exchanges.Begin(step.Mode, step.Mode == StepMode.Decode ? stage.MaxSequences : stage.MaxTokens);
    }

    /// <summary>Enqueues all of a step that has begun at once, where it has been recorded; else it is played component by component.</summary>
    public virtual bool TryPlayWhole() => false;

    /// <summary>What the leader of the run is told at a step's end.</summary>
    public abstract object Finish(RankTimes times);

    /// <summary>Takes a message that is none of a step's components; false where it is unknown.</summary>
    public virtual bool Handle(object message, IActorRef sender) => false;

    /// <summary>Has the stream wait for rows of another stage that a component is the first to read: before its own work, whose time that is not.</summary>
    /// <returns>Whether it has to.</returns>
    public bool Await(Component c)
    {
        Frame? rows = c.Kind switch
        {
            ComponentKind.ReceiveForward => _arrivals.Activation(c.Stage, c.MicroBatch),
            ComponentKind.ReceiveBackward => _arrivals.Gradient(c.Stage, c.MicroBatch),
            _ => null,
        };
        return rows is { } arrived && _rank.Frames.Await(arrived);
    }

    /// <summary>Starts a component.</summary>
    public Execution Run(Component c)
    {
        Execution execution = Start(c);
        if (_step!.ChecksFinite)
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
                Prepare(c, c.Layer, ExchangePhase.Forward);
                return Execution.OnStream;
            case ComponentKind.StartDispatch:
                StartDispatch(c);
                return Execution.Finished;
            case ComponentKind.FeedForward when EndsInShard(c):
                _own!.Leave(Exchange(c), new WholeLayer(LayerOf(c), ActivationsOf(c), OutputOf(c)));
                return Execution.Finished;
            case ComponentKind.FeedForward:
                LayerOf(c).ForwardFeedForward(Stream, ActivationsOf(c), LayerOf(c).Weights.HasExperts ? default : OutputOf(c));
                return Execution.OnStream;
            case ComponentKind.ExpertsForward:
                Exchanges.TakeRows(Exchange(c), ExchangePhase.Forward);
                Starter.RunExperts(Exchange(c), ExchangePhase.Forward);
                return Execution.Elsewhere;
            case ComponentKind.StartCombine:
                return Combine(c, ExchangePhase.Forward);
            case ComponentKind.FinishLayer when EndsInShard(c):
                return Execution.OnStream;
            case ComponentKind.FinishLayer:
                Exchanges.TakeSums(Exchange(c), ExchangePhase.Forward);
                LayerOf(c).ForwardCombine(Stream, ActivationsOf(c), OutputOf(c));
                return Execution.OnStream;
            case ComponentKind.SendForward:
                return SendForward(c);
            case ComponentKind.Release:
                _chunks.Remove((c.Stage, c.MicroBatch), out ChunkActivations? chunk);
                StageOf(c).Return(chunk!, Mode);
                return Execution.Finished;
            default:
                return StartBackward(c);
        }
    }

    /// <summary>Whether a component hands rows of the stage's stream to others that wait for no mark of it, who must find them computed.</summary>
    public bool HandsOver(Component c) => c.Kind switch
    {
        ComponentKind.StartDispatch or ComponentKind.StartCombine or ComponentKind.StartGradientDispatch or ComponentKind.StartGradientCombine => Exchanges.Moves,
        ComponentKind.SendForward => !_rank.Layout.IsLast(c.Stage) && !_rank.Frames.Lends(RankAfter(c)),
        ComponentKind.SendBackward => !StageLayout.IsFirst(c.Stage) && !_rank.Frames.Lends(RankBefore(c)),
        _ => false,
    };

    /// <summary>Whether what follows a component on the host needs what it computes, or gives back what it reads.</summary>
    public bool AwaitsEnd(Component c) => _step!.ChecksFinite || _received is { Rows.IsAbsent: false, Lent: null };

    /// <summary>Enqueues what ends a step.</summary>
    public virtual void End() => Exchanges.End();

    /// <summary>All that the step enqueued has run.</summary>
    public void Ended()
    {
        Exchanges.Ended();
        if (!Exchanges.Totals.HadRoom && _step!.Mode is StepMode.Prefill or StepMode.Decode)
        {
            // What a step has cached cannot be taken back, so windows that serve have room for all.
            throw new InvalidOperationException("More rows came to the rank's experts than its windows have room for.");
        }

        if (Exchanges.Totals.MaxNodesOfToken > _rank.Plan.NodesOfToken)
        {
            throw new InvalidOperationException(
                $"A token of the rank went to {Exchanges.Totals.MaxNodesOfToken} nodes of its group, and at most {_rank.Plan.NodesOfToken} are allowed: {NodeRule}.");
        }
    }

    /// <summary>What follows on the host once a component's work has run.</summary>
    public virtual void Completed(Component c)
    {
        _finite.End();
        if (!_received.Rows.IsAbsent)
        {
            _rank.Frames.Release(_received);
            _received = default;
        }

        if (!_spent.IsAbsent)
        {
            _rank.Pool.Return(_spent);
            _spent = default;
        }
    }

    /// <summary>Starts a component of the backward.</summary>
    protected virtual Execution StartBackward(Component c) => throw new InvalidOperationException($"A rank that only serves has no {c.Kind}.");

    /// <summary>Makes a chunk as long as the step's sequences.</summary>
    protected abstract void BeginChunk(ChunkActivations chunk, int microBatch);

    /// <summary>Token ids of a chunk that enters the pipeline here.</summary>
    protected abstract Tensor Ids(int microBatch);

    protected abstract void AttentionForward(Component c);

    /// <summary>A chunk's rows are about to be dispatched.</summary>
    protected virtual void Dispatching(Component c)
    {
    }

    /// <summary>Starts what the last stage does with a chunk's output.</summary>
    protected abstract Execution StartHead(Component c);

    /// <summary>The logits of a chunk, to be searched for what is not finite.</summary>
    protected virtual Tensor LogitsOf(Component c) => ChunkOf(c).Heads[^1].Logits;

    /// <summary>Looks at the output of the embedding, a layer or the head.</summary>
    private void CheckOutput(Component c)
    {
        int part = _rank.Layout.LayerOf(c.Stage, c.Layer) + 1;
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
                _finite.Begin(Stream, LogitsOf(c), _rank.Layout.HeadPart);
                break;
            default:
                break;
        }
    }

    protected StageModel StageOf(Component c) => _rank.StageOf(c.Stage);

    protected TransformerLayer LayerOf(Component c) => StageOf(c).Layers[c.Layer];

    protected ChunkActivations ChunkOf(Component c) => _chunks[(c.Stage, c.MicroBatch)];

    protected LayerActivations ActivationsOf(Component c) => ChunkOf(c).Layers[c.Layer];

    /// <summary>The rank that plays the stage after a component's for the same chunk.</summary>
    protected int RankAfter(Component c) => _rank.RankAt(_program!, c.Stage + 1, c.MicroBatch);

    /// <summary>The rank that plays the stage before a component's for the same chunk.</summary>
    protected int RankBefore(Component c) => _rank.RankAt(_program!, c.Stage - 1, c.MicroBatch);

    protected int Exchange(Component c) => _rank.Exchanges.Of(c.Stage, c.Layer, c.MicroBatch);

    /// <summary>Names rows of another stage that a component reads; they are given back when it has run, lent ones when it is enqueued.</summary>
    protected Tensor Receive(Frame frame)
    {
        _received = frame;
        return frame.Rows;
    }

    /// <summary>Names rows of the stage's pool that a component is the last to read.</summary>
    protected Tensor Spend(Tensor rows) => _spent = rows;

    protected Frame TakeGradient(Component c) => StageArrivals.Take(ref _arrivals.Gradient(c.Stage, c.MicroBatch));

    /// <summary>Notes that rows of an exchange are under way.</summary>
    protected void Started(Component c, ExchangePhase phase, long? start)
    {
        if (start is { } begin)
        {
            _clock.CommunicationStarted(c, Exchange(c), phase, begin);
        }
    }

    /// <summary>Makes what the dispatch of a layer sends, if the chunk has it here (0 or more), behind what computes its rows: a dispatch finds it computed.</summary>
    protected void Prepare(Component c, int layer, ExchangePhase phase)
    {
        if (layer >= 0 && StageOf(c).Layers[layer].Weights.HasExperts)
        {
            Exchanges.Prepare(_rank.Exchanges.Of(c.Stage, layer, c.MicroBatch), phase, ChunkOf(c).Layers[layer]);
        }
    }

    protected Execution Combine(Component c, ExchangePhase phase)
    {
        Started(c, phase, Exchanges.Combine(Exchange(c), phase));
        return Execution.Finished;
    }

    /// <summary>Whether the rank's shard has all experts, and nothing is kept: then it computes what is left of the layer in one go.</summary>
    private bool EndsInShard(Component c) => _own is not null && Mode == ActivationMode.ForwardOnly && LayerOf(c).Weights.HasExperts;

    private void ReceiveForward(Component c)
    {
        ChunkActivations chunk = StageOf(c).Rent(Mode);
        _chunks.Add((c.Stage, c.MicroBatch), chunk);
        BeginChunk(chunk, c.MicroBatch);
        Tensor input = chunk.Layers[0].Attention.Input;
        if (StageOf(c).Embedding is { } embedding)
        {
            embedding.Forward(Stream, Ids(c.MicroBatch), input);
        }
        else
        {
            Stream.Copy(Receive(StageArrivals.Take(ref _arrivals.Activation(c.Stage, c.MicroBatch))), input);
        }
    }

    /// <summary>Where a layer's output goes: the next layer's input, a head's, or a tensor for the next stage.</summary>
    private Tensor OutputOf(Component c) => _layerOutput = Output(c);

    private Tensor Output(Component c)
    {
        ChunkActivations chunk = ChunkOf(c);
        int behind = chunk.Layers.Length - c.Layer - 1;
        if (behind < chunk.Heads.Length)
        {
            // The last layer of the model, and that of each prediction module, has a head.
            return chunk.Heads[^(behind + 1)].Input;
        }

        if (behind > 0)
        {
            return chunk.Layers[c.Layer + 1].Attention.Input;
        }

        Tensor input = chunk.Layers[0].Attention.Input;
        _output = _rank.Frames.Rent(RankAfter(c), input.Rows, input.Columns, input.Type);
        return _output.Rows;
    }

    private void StartDispatch(Component c)
    {
        Started(c, ExchangePhase.Forward, Exchanges.Dispatch(Exchange(c), ActivationsOf(c)));
        if (Exchanges.BeyondNodes(Exchange(c), _rank.Plan.NodesOfToken) is { } flaw)
        {
            throw new InvalidOperationException($"Layer {_rank.Layout.LayerOf(c.Stage, c.Layer)}, micro-batch {c.MicroBatch}: {flaw}: {NodeRule}.");
        }

        Dispatching(c);
    }

    private Execution SendForward(Component c)
    {
        if (_rank.Layout.IsLast(c.Stage))
        {
            return StartHead(c);
        }

        int next = c.Stage + 1;
        Parcel parcel = _forward[(next * _rank.Plan.MicroBatches) + c.MicroBatch] ??= new Parcel(new ActivationArrived(next, c.MicroBatch));
        _rank.Frames.Give(RankAfter(c), _output, parcel);
        return Execution.Finished;
    }
}
