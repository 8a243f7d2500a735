using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Copies;
using Actors.Runtime.Training.Results;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Pipeline;

/// <summary>What the components of a rank that trains do: losses, loads, the backward, and the update between steps.</summary>
internal sealed class TrainingComponents : StageComponents
{
    private readonly TrainingResources _rank;
    private readonly PipelineAddresses _pipeline;
    private readonly ResultReader _results;
    private readonly TrainingHeads _heads;
    private readonly Parcel?[] _backward;
    private readonly Dictionary<int, FrameTaken> _taken = [];
    private RunStep? _step;

    public TrainingComponents(
        TrainingResources rank, GroupAddresses group, PipelineAddresses pipeline, StageArrivals arrivals, StageClock clock, IActorRef self)
        : base(rank, group, arrivals, clock, self)
    {
        _rank = rank;
        _pipeline = pipeline;
        _results = new ResultReader(rank, self);
        _heads = new TrainingHeads(rank);
        rank.State.Connect(self);
        _backward = new Parcel?[rank.Layout.Stages * rank.Plan.MicroBatches];
    }

    protected override ActivationMode Mode => _step!.Mode == StepMode.Train ? _rank.Activations : ActivationMode.ForwardOnly;

    public override void Begin(BeginStep step, StageProgram program)
    {
        base.Begin(step, program);
        _step = (RunStep)step;
        _heads.Begin(_step);
        _rank.Balances.Begin(Stream, _step.BalanceScale);
        _rank.Tokens.Begin(Stream, _step, program.Placement);
        if (_step.FirstSequence > 0)
        {
            return;
        }

        _rank.Loads.Begin(Stream);
        if (step.Mode == StepMode.Train)
        {
            foreach (StageModel stage in _rank.Stages)
            {
                stage.Gradients!.Begin();
            }
        }
    }

    public override object Finish(RankTimes times) =>
        new StagePlayed(
            _rank.Rank, _step!.Step, _heads.Losses(), _rank.Balances.Read(), _rank.Loads.Read(), times, Exchanges.Totals.MaxNodesOfToken,
            Exchanges.Totals.NodesOfTokens, FirstNonFinitePart, Exchanges.Totals.HadRoom);

    public override bool Handle(object message, IActorRef sender)
    {
        switch (message)
        {
            case ReadResult read:
                _results.Read(read, sender);
                break;
            case ReduceGradients:
                EndReduction(_rank.Reduction.Begin(Self));
                break;
            case BlockSumArrived sum:
                EndReduction(_rank.Reduction.Arrived(sum));
                break;
            case BlockSummed summed:
                EndReduction(_rank.Reduction.Summed(summed));
                break;
            case SquaresRan:
                _pipeline.Coordinator.Tell(new GradientsReduced(_rank.Rank, _rank.Optimizer.Squares()), Self);
                break;
            case BlockCopied:
                EndReduction(_rank.Reduction.Copied());
                break;
            case BlockCopyArrived arrived:
                Copy(arrived);
                break;
            case AverageTaken when _rank.State.FinishAwaited():
                NotifyUpdate(isUnderWay: true);
                break;
            case ApplyUpdate update when _rank.State.Begin(update):
            case AverageTaken when _rank.State.BeginAwaited():
                NotifyUpdate(isUnderWay: true);
                NotifyRead(_rank.Values.Updated());
                break;
            case ApplyUpdate or AverageTaken:
                break;
            case ValuesUpdated updated:
                NotifyRead(_rank.Values.Heard(updated));
                break;
            case ValuesRead:
                TellApplied(_rank.Values.Read());
                break;
            case FinishUpdate finish:
                NotifyUpdate(_rank.State.Finish(finish, sender));
                break;
            case UpdateRan:
                Updated();
                break;
            case HoldState:
                _rank.State.Hold(sender);
                break;
            case BlockValuesArrived values:
                _rank.Values.Take(values);
                NotifyTaken(values, values.Block);
                break;
            case FrameTaken { Message: BlockValuesArrived values }:
                TellApplied(_rank.Values.Taken(values.Take()));
                break;
            case FrameTaken { Message: BlockCopyArrived copy }:
                _rank.State.Copied(copy);
                break;
            default:
                return false;
        }

        return true;
    }

    public override void Completed(Component c)
    {
        base.Completed(c);
        switch (c.Kind)
        {
            case ComponentKind.SendForward when _rank.Layout.IsLast(c.Stage):
                _heads.Computed(c.MicroBatch);
                break;
            case ComponentKind.AttentionForward when LayerOf(c).Weights.HasExperts && _step!.Capture:
                Stream.Copy(
                    ActivationsOf(c).Attention.Experts, _rank.Tokens.Experts(_rank.Layout.LayerOf(c.Stage, c.Layer), c.MicroBatch));
                break;
            default:
                break;
        }
    }

    protected override void BeginChunk(ChunkActivations chunk, int microBatch) =>
        chunk.Begin(Stream, _rank.Tokens.SequencesOf(microBatch), _rank.Plan.SequenceLength, _rank.Tokens.Positions(microBatch));

    protected override Tensor Ids(int microBatch) => _rank.Tokens.Ids(microBatch);

    protected override void AttentionForward(Component c)
    {
        ChunkActivations chunk = ChunkOf(c);
        LayerActivations layer = ActivationsOf(c);
        int module = _rank.Layout.ModuleOf(c.Stage, c.Layer);
        if (module > 0)
        {
            _heads.BeginModule(StageOf(c), chunk, c.MicroBatch, module, layer.Attention.Input);
        }

        LayerOf(c).Attention.Forward(Stream, layer.Attention, chunk.Sequences);
        if (module > 0)
        {
            _heads.DropChoices(layer, c.MicroBatch, module);
        }
    }

    public override void End()
    {
        base.End();
        _rank.Loads.End(Stream);
        _rank.Balances.End(Stream);
    }

    protected override void Dispatching(Component c) =>
        _rank.Loads.Count(Stream, _rank.Layout.LayerOf(c.Stage, c.Layer), ActivationsOf(c).Attention.Experts);

    protected override Execution StartHead(Component c)
    {
        _heads.Run(StageOf(c), ChunkOf(c), c.MicroBatch, _rank.Layout.Modules);
        return Execution.OnStream;
    }

    protected override Tensor LogitsOf(Component c) => _heads.LogitsOf(ChunkOf(c), c.MicroBatch);

    protected override Execution StartBackward(Component c)
    {
        switch (c.Kind)
        {
            case ComponentKind.ReceiveBackward:
                ReceiveBackward(c);
                Prepare(c, ChunkOf(c).Layers.Length - 1, ExchangePhase.Backward);
                return Execution.OnStream;
            case ComponentKind.StartGradientDispatch:
                StartGradientDispatch(c);
                return Execution.Finished;
            case ComponentKind.FeedForwardBackward:
                LayerOf(c).BackwardFeedForwardInput(Stream, ActivationsOf(c));
                return Execution.OnStream;
            case ComponentKind.ExpertsBackward:
                Exchanges.TakeRows(Exchange(c), ExchangePhase.Backward);
                Starter.RunExperts(Exchange(c), ExchangePhase.Backward);
                return Execution.Elsewhere;
            case ComponentKind.StartGradientCombine:
                return Combine(c, ExchangePhase.Backward);
            case ComponentKind.FeedForwardWeights:
                LayerOf(c).BackwardFeedForwardWeights(Stream, ActivationsOf(c), StageOf(c).Gradients!);
                return Execution.OnStream;
            case ComponentKind.ExpertWeights:
                Starter.RunExpertWeights(Exchange(c));
                return Execution.Elsewhere;
            case ComponentKind.AttentionBackward:
                AttentionBackward(c);
                Prepare(c, c.Layer - 1, ExchangePhase.Backward);
                return Execution.OnStream;
            case ComponentKind.AttentionWeights:
                AttentionWeights(c);
                return Execution.OnStream;
            case ComponentKind.SendBackward:
                SendBackward(c);
                return Execution.Finished;
            case ComponentKind.EndWeights:
                EndWeights(c);
                return Execution.OnStream;
            default:
                throw new InvalidOperationException($"A stage has no {c.Kind}.");
        }
    }

    private void StartGradientDispatch(Component c) =>
        Started(c, ExchangePhase.Backward, Exchanges.DispatchGradients(Exchange(c), ActivationsOf(c)));

    private void ReceiveBackward(Component c)
    {
        ChunkActivations chunk = ChunkOf(c);
        Tensor gradient = chunk.Layers[^1].Attention.OutputGradient;
        if (_rank.Layout.IsLast(c.Stage))
        {
            _heads.BeginBackward(StageOf(c), chunk, gradient);
            return;
        }

        Stream.Copy(Receive(TakeGradient(c)), gradient);
    }

    private void AttentionBackward(Component c)
    {
        ChunkActivations chunk = ChunkOf(c);
        LayerActivations a = chunk.Layers[c.Layer];
        TransformerLayer layer = LayerOf(c);
        if (layer.Weights.HasExperts)
        {
            Exchanges.TakeSums(Exchange(c), ExchangePhase.Backward);
            layer.BackwardCombine(Stream, a);
        }

        int module = _rank.Layout.ModuleOf(c.Stage, c.Layer);
        layer.Attention.BackwardInput(
            Stream, a.Attention, chunk.Sequences, InputGradient(c, chunk, module), StageOf(c).Gradients!,
            _rank.Balances.Of(_rank.Layout.LayerOf(c.Stage, c.Layer), c.MicroBatch, chunk.Sequences.Sequences));
        if (module > 0)
        {
            _heads.BackwardModule(StageOf(c), chunk, module, chunk.Layers[c.Layer - 1].Attention.OutputGradient);
        }
    }

    /// <summary>Where the gradient of a layer's input goes: to the output before it, to what a module begins with, or to the stage before.</summary>
    private Tensor InputGradient(Component c, ChunkActivations chunk, int module)
    {
        if (module > 0)
        {
            return chunk.Predictions[module - 1].OutputGradient;
        }

        if (c.Layer > 0)
        {
            return chunk.Layers[c.Layer - 1].Attention.OutputGradient;
        }

        Tensor input = chunk.Layers[0].Attention.Input;
        chunk.InputGradient = StageLayout.IsFirst(c.Stage)
            ? new Frame(_rank.Pool.Rent(chunk.Tokens, input.Columns, input.Type), -1)
            : _rank.Frames.Rent(RankBefore(c), chunk.Tokens, input.Columns, input.Type);
        return chunk.InputGradient.Rows;
    }

    private void AttentionWeights(Component c)
    {
        LayerOf(c).Attention.BackwardWeights(Stream, ActivationsOf(c).Attention, StageOf(c).Gradients!);
        if (_rank.Layout.ModuleOf(c.Stage, c.Layer) is var module and > 0)
        {
            _heads.ModuleWeights(StageOf(c), ChunkOf(c), c.MicroBatch, module);
        }
    }

    private void SendBackward(Component c)
    {
        if (StageLayout.IsFirst(c.Stage))
        {
            return;
        }

        ChunkActivations chunk = ChunkOf(c);
        Frame gradient = chunk.InputGradient;
        chunk.InputGradient = Frame.Empty;
        int before = c.Stage - 1;
        Parcel parcel = _backward[(before * _rank.Plan.MicroBatches) + c.MicroBatch] ??= new Parcel(new GradientArrived(before, c.MicroBatch));
        _rank.Frames.Give(RankBefore(c), gradient, parcel);
    }

    private void EndWeights(Component c)
    {
        ChunkActivations chunk = ChunkOf(c);
        StageModel stage = StageOf(c);
        _heads.HeadWeights(stage, chunk);
        if (stage.Embedding is { } embedding)
        {
            embedding.BackwardWeights(Stream, _rank.Tokens.Ids(c.MicroBatch), Spend(chunk.InputGradient.Rows), stage.Gradients!);
            chunk.InputGradient = Frame.Empty;
        }
    }

    private void EndReduction(bool hasEnded) => NotifyIf(hasEnded, SquaresRan.Instance);

    private void NotifyUpdate(bool isUnderWay) => NotifyIf(isUnderWay, UpdateRan.Instance);

    private void NotifyRead(bool isUnderWay) => NotifyIf(isUnderWay, ValuesRead.Instance);

    private void NotifyIf(bool isUnderWay, object message)
    {
        if (isUnderWay)
        {
            Stream.Notify(new TellSelf(Self, message));
        }
    }

    /// <summary>Values go to other domains, unless the state is held: then the placement is over, and what is kept is what ranks own.</summary>
    private void Updated()
    {
        _rank.State.Ended();
        if (!_rank.State.IsHeld)
        {
            TellApplied(_rank.Values.Send());
        }
    }

    private void Copy(BlockCopyArrived arrived)
    {
        if (_rank.State.Take(arrived))
        {
            NotifyTaken(arrived, arrived.Block);
        }
        else
        {
            _rank.State.Copied(arrived);
        }
    }

    /// <summary>Tells this stage when the rows of a block lie in their place: a domain's copy of it, or one that is kept for another rank.</summary>
    private void NotifyTaken(FrameMessage message, int block)
    {
        if (!_taken.TryGetValue(block, out FrameTaken? taken))
        {
            _taken.Add(block, taken = new FrameTaken(Self));
        }

        taken.Message = message;
        Stream.Notify(taken);
    }

    private void TellApplied(bool hasEnded)
    {
        if (hasEnded)
        {
            _pipeline.Coordinator.Tell(new UpdateApplied(), Self);
        }
    }

    /// <summary>The gradients of the owned blocks are squared.</summary>
    private sealed record SquaresRan : INoSerializationVerificationNeeded
    {
        public static SquaresRan Instance { get; } = new();
    }

    /// <summary>The owned blocks are updated.</summary>
    private sealed record UpdateRan : INoSerializationVerificationNeeded
    {
        public static UpdateRan Instance { get; } = new();
    }

    /// <summary>Values of other owners lie in their place.</summary>
    private sealed record ValuesRead : INoSerializationVerificationNeeded
    {
        public static ValuesRead Instance { get; } = new();
    }
}
