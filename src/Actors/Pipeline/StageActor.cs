using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Fabric.Links;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// The pipeline stage actor of one rank: plays its timetable, component by component, over the stages that the rank holds.
/// It waits for nothing but messages: a component whose input is not there yet leaves the actor idle until the message that
/// brings it. What components do is in <see cref="StageComponents"/>.
/// </summary>
internal sealed class StageActor : UntypedActor
{
    private readonly RankResources _rank;
    private readonly StageArrivals _arrivals;
    private readonly StageClock _clock;
    private readonly StageWaits _waits;
    private readonly ComponentEnd _componentEnd;
    private readonly ProgramPlayer _player;
    private readonly StreamLead? _lead;
    private readonly TellSelf _drained;
    private readonly ILogger _log;
    private StageComponents? _components;
    private GroupAddresses? _group;
    private PipelineAddresses? _pipeline;
    private BeginStep? _step;
    private Component _playing;
    private long _moves;
    private bool _busy;
    private bool _isEnding;

    /// <summary>Makes the stage. The constructor is public because actors are created through public constructors only.</summary>
    public StageActor(RankResources rank)
    {
        _rank = rank;
        _arrivals = new StageArrivals(rank.Exchanges.Count, rank.Layout.Stages, rank.Plan.MicroBatches);
        int components = rank.MostComponents;
        DeviceTimes? device = rank.Trace is not null && rank.Backend.OrdersStreams ? new DeviceTimes(rank.Backend, rank.Stream, rank.Time, components) : null;
        _clock = new StageClock(rank.Time, rank.Trace, rank.Exchanges.Count, components, device);
        _waits = new StageWaits(rank);
        _componentEnd = new ComponentEnd(Self);
        _drained = new TellSelf(Self, StreamDrained.Instance);
        _lead = rank.Backend.OrdersStreams ? new StreamLead(rank.Stream, Self) : null;
        _player = new ProgramPlayer(IsReady);
        _log = rank.Telemetry.Loggers.CreateLogger(StageLog.Component);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _clock.Dispose();

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception failure)
        {
            string place = _busy ? _waits.Describe(_playing) : message.GetType().Name;
            throw new RankPartException($"pipeline stage, {place}", failure);
        }
    }

    private void Handle(object message)
    {
        _moves += message is DescribeState ? 0 : 1;
        switch (message)
        {
            case RowsArrived rows:
                _clock.RowsMoved(rows, isLast: true);
                _arrivals.Rows(rows.Exchange, rows.Phase) = true;
                Advance();
                break;
            case CombineCompleted combined:
                Combined(combined);
                break;
            case ExpertsDone or ExpertWeightsDone or ComponentEnd.ComponentComputed:
                Complete();
                Advance();
                break;
            case PartEnqueued part when _components!.Device!.Hear(part) is { } moved:
                AllEnqueued(part.Part, moved);
                break;
            case PartEnqueued:
                break;
            case StreamLead.StrideReached:
                _lead!.Reached();
                Advance();
                break;
            case StreamDrained:
                Drained();
                break;
            case ActivationArrived activation:
                Keep(activation, ref _arrivals.Activation(activation.Stage, activation.MicroBatch));
                break;
            case GradientArrived gradient:
                Keep(gradient, ref _arrivals.Gradient(gradient.Stage, gradient.MicroBatch));
                break;
            case BeginStep step:
                Begin(step);
                break;
            case FrameReleased released:
                _rank.Frames.Credit(released);
                break;
            case RowsReturned returned:
                _rank.Frames.Returned(returned);
                break;
            case FrameWritten written:
                _rank.Frames.Written(written.Parcel);
                break;
            case FrameKept kept:
                _rank.Frames.Release(kept.Frame);
                Handle(kept.Message);
                break;
            case DescribeState:
                Sender.Tell(Describe(), Self);
                break;
            case ComputeFailed failed:
                throw new InvalidOperationException(failed.Reason);
            case LinkFailed failed:
                throw new InvalidOperationException($"the link failed: {failed.Reason}");
            case GroupAddresses group:
                _group = group;
                break;
            case PipelineAddresses pipeline:
                _pipeline = pipeline;
                _rank.Frames.Connect(pipeline.Stages, Self);
                _components = _rank.MakeComponents(_group!, pipeline, _arrivals, _clock, Self);
                _waits.Device = _components.Device;
                Sender.Tell(AddressesTaken.Instance, Self);
                break;
            case not null when _components?.Handle(message, Sender) == true:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <summary>Keeps rows that another stage handed over; where the link is late, the message comes again.</summary>
    private void Keep(FrameMessage message, ref Frame? place)
    {
        if (_rank.Frames.Keep(message) is { } rows)
        {
            place = rows;
            Advance();
        }
    }

    private void Begin(BeginStep step)
    {
        if (_components is null || _step is not null)
        {
            throw new InvalidOperationException($"Rank {_rank.Rank} got step {step.Step} while it was not ready for one.");
        }

        // A step begins when all ranks have ended the one before, so what this rank handed over has been taken.
        if (_rank.Frames.Waiting > 0)
        {
            throw new InvalidOperationException($"{_rank.Frames.Waiting} frames of the step before have not gone.");
        }

        StageProgram program = _rank.ProgramOf(step);
        _step = step;
        if (step.Mode is StepMode.Train or StepMode.Evaluate)
        {
            StageLog.Begins(_log, _rank.Rank, step.Step, step.Mode, program.Components.Length);
        }

        if (step.Mode == StepMode.Train)
        {
            _rank.Trace?.Begin(program.Placement.MicroBatches, _rank.Time.GetTimestamp());
        }

        _clock.Begin();
        _components.Begin(step, program);
        if (_components.TryPlayWhole())
        {
            End();
            return;
        }

        _player.Begin(program.Components);
        Advance();
    }

    /// <summary>Plays components until one's input is missing, or its work runs elsewhere.</summary>
    private void Advance()
    {
        if (_busy || _isEnding || _step is null)
        {
            return;
        }

        _clock.EndDeviceWait();
        while (_lead is not { IsFull: true } && _player.TryTake(out Component component))
        {
            _clock.Start(component, _waits.AwaitedPhase(component) is { } phase ? (Exchange(component), phase) : null);
            (_playing, _busy) = (component, true);
            if (_lead is not null && _components!.HandsOver(component))
            {
                Drain();
                return;
            }

            if (!Play(component))
            {
                return;
            }
        }

        if (_player.IsEnded)
        {
            End();
        }
        else if (_lead is { IsFull: true })
        {
            _clock.BeginDeviceWait();
        }
        else
        {
            _clock.BeginWait();
        }
    }

    /// <summary>Plays a component; false where it ends later, with a message.</summary>
    private bool Play(Component component)
    {
        _clock.Enqueue(_components!.Await(component));
        switch (_components.Run(component))
        {
            case Execution.Elsewhere:
                return false;
            case Execution.OnStream when _lead is not null && !_components.AwaitsEnd(component):
                _lead.Enqueued(_components.IsRecording);
                break;
            case Execution.OnStream when !_componentEnd.TryFinish(_rank.Stream):
                return false;
        }

        Complete();
        return true;
    }

    /// <summary>What comes next needs all that was enqueued to have run.</summary>
    private void Drain() => _rank.Stream.Notify(_drained);

    private void Drained()
    {
        _clock.EndDeviceWait();
        if (_isEnding)
        {
            Finish();
        }
        else if (Play(_playing))
        {
            Advance();
        }
    }

    /// <summary>The program has been played: the step ends when the stream has.</summary>
    private void End()
    {
        _components!.End();
        _isEnding = true;
        if (_rank.Backend.RunsAtOnce)
        {
            Finish();
        }
        else
        {
            _clock.BeginDeviceWait();
            Drain();
        }
    }

    private void Complete()
    {
        _components!.Completed(_playing);
        _clock.End(_playing);
        _busy = false;
    }

    private void Finish()
    {
        // What is left over would be taken for the next step's: every component has its input now, and nothing else is sent to a stage.
        if (_arrivals.Left() is { } left)
        {
            throw new InvalidOperationException($"The step has ended, and nobody has taken {left}.");
        }

        _components!.Ended();
        object played = _components.Finish(_clock.Finish());
        if (_step!.Mode is StepMode.Train or StepMode.Evaluate)
        {
            StageLog.Played(_log, _rank.Rank, _step.Step);
        }

        _step = null;
        _isEnding = false;
        _pipeline!.Coordinator.Tell(played, Self);
    }

    /// <summary>All ranks of the group have enqueued a part of an exchange.</summary>
    private void AllEnqueued(ExchangePart part, RowsMoved moved)
    {
        switch (part)
        {
            case ExchangePart.Rows:
                Handle(moved);
                break;
            case ExchangePart.Sums:
                _clock.RowsMoved(moved, isLast: true);
                _arrivals.Channels(moved.Exchange, moved.Phase) = _rank.Fabric.Settings.Channels;
                Advance();
                break;
        }
    }

    private void Combined(CombineCompleted combined)
    {
        bool isLast = ++_arrivals.Channels(combined.Exchange, combined.Phase) == _rank.Fabric.Settings.Channels;
        _clock.RowsMoved(combined, isLast);
        if (isLast)
        {
            Advance();
        }
    }

    /// <summary>Whether what a component waits for has come; rows of an exchange are then marked as taken.</summary>
    private bool IsReady(Component component)
    {
        switch (component.Kind)
        {
            case ComponentKind.ReceiveForward:
                return component.Stage == 0 || _arrivals.Activation(component.Stage, component.MicroBatch) is not null;
            case ComponentKind.ReceiveBackward:
                return _rank.Layout.IsLast(component.Stage) || _arrivals.Gradient(component.Stage, component.MicroBatch) is not null;
            case ComponentKind.ExpertsForward or ComponentKind.ExpertsBackward when _waits.AwaitedPhase(component) is not null:
                return Take(ref _arrivals.Rows(Exchange(component), _waits.AwaitedPhase(component)!.Value));
            default:
                return _waits.AwaitedPhase(component) is not { } phase || TakeAll(ref _arrivals.Channels(Exchange(component), phase));
        }
    }

    private int Exchange(Component component) => _rank.Exchanges.Of(component.Stage, component.Layer, component.MicroBatch);

    private static bool Take(ref bool arrived)
    {
        bool taken = arrived;
        arrived = false;
        return taken;
    }

    private bool TakeAll(ref int channels)
    {
        if (channels < _rank.Fabric.Settings.Channels)
        {
            return false;
        }

        channels = 0;
        return true;
    }

    private StateDescribed Describe()
    {
        string who = $"rank {_rank.Rank} (pipeline {_rank.Position.PipelineRank}, experts {_rank.ExpertRank})";
        if (_step is null)
        {
            return new StateDescribed(_rank.Rank, _moves, LacksRows: false, $"{who} has played its part");
        }

        if (_busy)
        {
            return new StateDescribed(_rank.Rank, _moves, LacksRows: false, $"{who} computes {_waits.Describe(_playing)}");
        }

        if (_isEnding || _lead is { IsFull: true })
        {
            return new StateDescribed(_rank.Rank, _moves, LacksRows: false, $"{who} waits for its device to compute what was enqueued");
        }

        Component component = _player.Awaited;
        return new StateDescribed(
            _rank.Rank, _moves, _waits.AwaitedPhase(component) is not null, $"{who} waits at {_waits.Describe(component)}: {_waits.Missing(component)}");
    }

    private sealed record StreamDrained : INoSerializationVerificationNeeded
    {
        public static StreamDrained Instance { get; } = new();
    }
}
