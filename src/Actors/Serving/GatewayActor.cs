using System.Collections.Immutable;
using Actors.Runtime.Cluster;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.Runtime.Serving;

/// <summary>
/// The way in for users: takes requests, gives each a slot of a rank's caches, and leads the ranks from step to step. A step
/// is either a prefill of new prompts, as many as there are free slots, or one token of every running sequence: sequences
/// join and leave between steps (continuous batching).
/// </summary>
internal sealed class GatewayActor : UntypedActor, IWithTimers
{
    private readonly RunPlan _plan;
    private readonly InferenceOptions _options;
    private readonly TimeProvider _time;
    private readonly IActorRef?[] _stepWays;
    private readonly RankDirectory _ranks;
    private readonly Queue<Sequence> _waiting = new();
    private readonly List<Sequence> _running = [];
    private readonly List<Sequence>[] _byRank;
    private readonly CacheSlots _slots;
    private readonly SequenceBatch[] _batches;
    private readonly ServeStep[] _prefill;
    private readonly ServeStep[] _decode;
    private readonly DecodedRows _decoded;
    private readonly StageServed?[] _served;
    private readonly StallWatch _watch;
    private readonly ILogger _log;
    private readonly ServingMeters? _meters;
    private IReadOnlyList<IActorRef> _nodes;
    private ServeStep[] _step = [];
    private long _stepStarted;
    private int? _firstNonFinitePart;
    private InferenceFailed? _failure;
    private bool _connected;
    private int _outstanding;

    /// <summary>Makes the gateway; it places ranks at once and serves when they live.</summary>
    /// <param name="host">What of the plan lives in its process.</param>
    /// <param name="nodes">A node actor for each node of the plan; none: <see cref="ServeOver"/> brings them.</param>
    public GatewayActor(ServingHost host, ImmutableArray<IActorRef> nodes)
    {
        ArgumentNullException.ThrowIfNull(host);
        (RunPlan plan, InferenceOptions options, TimeProvider time, Telemetry telemetry) = (host.Plan, host.Options, host.Time, host.Telemetry);
        (_plan, _options, _time, _nodes, _stepWays) = (plan, options, time, nodes, host.StepWays);
        _ranks = new RankDirectory(plan);
        _log = telemetry.Loggers.CreateLogger(GatewayLog.Component);
        _meters = telemetry.Meters?.Serving;
        _watch = new StallWatch(plan.Ranks, options.StallTimeout, time, _log);
        _batches = [.. Enumerable.Range(0, plan.ExpertRanks).Select(_ => new SequenceBatch(options.SlotsPerRank, options.MaxLength))];
        _prefill = [.. _batches.Select(batch => new ServeStep(StepMode.Prefill, batch))];
        _decode = [.. _batches.Select(batch => new ServeStep(StepMode.Decode, batch))];
        _decoded = new DecodedRows(_batches, options.SlotsPerRank);
        _served = new StageServed?[plan.ExpertRanks];
        _byRank = new List<Sequence>[plan.ExpertRanks];
        _slots = new CacheSlots(plan.ExpertRanks, options.SlotsPerRank);
        for (int rank = 0; rank < _byRank.Length; rank++)
        {
            _byRank[rank] = [];
        }
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        GatewayLog.Serving(_log, _plan.Ranks, _plan.Description, _options.SlotsPerRank * _plan.ExpertRanks, _options.MaxLength);
        Place(_nodes);
        _watch.Start(Timers);
    }

    /// <summary>A failure of the gateway itself ends the serving.</summary>
    protected override void PreRestart(Exception reason, object? message)
    {
        ArgumentNullException.ThrowIfNull(reason);
        Fail(reason.Message, reason.ToString());
    }

    /// <inheritdoc/>
    protected override void PostRestart(Exception reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        _failure = new InferenceFailed(reason.Message, reason.ToString());
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StageServed played:
                _watch.Heard();
                RankPosition at = _plan.PositionOf(played.Rank);
                if (at.PipelineRank == _plan.PipelineRanks - 1)
                {
                    _served[at.ExpertRank] = played;
                }

                _firstNonFinitePart = played.FirstNonFinitePart is { } part && !(part > _firstNonFinitePart) ? part : _firstNonFinitePart;
                if (--_outstanding == 0 && _failure is null)
                {
                    EndStep();
                }

                break;
            case Infer request:
                Take(request);
                break;
            case StopInference:
                Stop(Sender);
                break;
            case ServeOver over:
                Place(over.Nodes);
                break;
            case RankPlaced placed:
                _ranks.Add(placed, Self);
                break;
            case RanksConnected connected:
                _connected = _ranks.Add(connected);
                NextStep();
                break;
            case RankFailed failed:
                Fail($"rank {failed.Rank} failed: {failed.Reason}", failed.Detail);
                break;
            case StallWatch.Tick when !_connected && _nodes.Count > 0 && _failure is null:
                FailIf(_watch.HasTimedOut() ? $"not all ranks were placed within {_options.StallTimeout.TotalSeconds:0.###} s (actors.watchdog.stall-timeout)" : null);
                break;
            case StallWatch.Tick when _outstanding > 0:
                if (_watch.MustAsk(out string? stalled))
                {
                    _ranks.TellStages(new DescribeState(), Self);
                }

                FailIf(stalled);
                break;
            case StateDescribed described when _outstanding > 0:
                FailIf(_watch.Add(described));
                break;
            case StallWatch.Tick or StateDescribed:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Place(IReadOnlyList<IActorRef> nodes)
    {
        _nodes = nodes;
        if (nodes.Count > 0)
        {
            _watch.Begin();
            _ranks.Place(nodes, Self);
        }
    }

    private void Take(Infer request)
    {
        if (_failure is not null)
        {
            Sender.Tell(_failure, Self);
            return;
        }

        if ((request.Refusal(_options, _plan.Model.VocabularySize) ?? RefusalOfMore()) is { } refusal)
        {
            GatewayLog.Refused(_log, refusal);
            _meters?.Refused();
            Sender.Tell(new InferenceRefused(refusal), Self);
            return;
        }

        _meters?.Queued();
        _waiting.Enqueue(new Sequence(request, Sender) { Arrived = _time.GetTimestamp() });
        NextStep();
    }

    private string? RefusalOfMore() => _waiting.Count >= _options.MaxWaiting
        ? $"{_waiting.Count} requests wait already: try again later or raise actors.inference.max-waiting"
        : null;

    /// <summary>Ends a user's request: at once where it waits, else after the step that it is part of.</summary>
    private void Stop(IActorRef user)
    {
        if (_running.Find(sequence => sequence.User.Equals(user)) is { } running)
        {
            running.IsStopped = true;
            return;
        }

        for (int left = _waiting.Count; left > 0; left--)
        {
            Sequence waiting = _waiting.Dequeue();
            if (waiting.User.Equals(user))
            {
                _meters?.Withdrawn();
                user.Tell(new InferenceEnded(EndReason.Stopped, 0, 0, 0), Self);
            }
            else
            {
                _waiting.Enqueue(waiting);
            }
        }
    }

    /// <summary>Starts a step if none is under way and there is something to do: prompts first, so that they join the batch soon.</summary>
    private void NextStep()
    {
        if (!_connected || _outstanding > 0 || _failure is not null)
        {
            return;
        }

        foreach (List<Sequence> sequences in _byRank)
        {
            sequences.Clear();
        }

        for (int rank = 0; rank < _byRank.Length; rank++)
        {
            _batches[rank].Clear();
        }

        if (AdmitPrompts())
        {
            Start(_prefill);
        }
        else if (_running.Count > 0)
        {
            foreach (Sequence sequence in _running)
            {
                Span<int> token = [sequence.LastToken];
                Add(sequence, token, sequence.Length);
            }

            bool isRepeated = _decoded.AddAll();
            Array.ForEach(_decode, step => step.IsRepeated = isRepeated);
            Start(_decode);
        }
    }

    /// <summary>Gives waiting prompts their slots, in order of arrival; true when any was admitted.</summary>
    private bool AdmitPrompts()
    {
        bool admitted = false;
        while (_waiting.TryPeek(out Sequence? sequence) && _slots.Find(_batches, sequence.Request.Prompt.Length, _options.MaxLength) is int rank and >= 0)
        {
            _waiting.Dequeue();
            sequence.Rank = rank;
            sequence.Slot = _slots.Take(rank);
            sequence.Started = _time.GetTimestamp();
            Add(sequence, sequence.Request.Prompt.AsSpan(), sequence.Request.Prompt.Length);
            _running.Add(sequence);
            admitted = true;
            _meters?.Admitted(sequence.Request.Prompt.Length);
            GatewayLog.Admitted(_log, rank, sequence.Request.Prompt.Length, sequence.Request.MaxTokens, _waiting.Count);
        }

        return admitted;
    }

    private void Add(Sequence sequence, ReadOnlySpan<int> tokens, int length)
    {
        _batches[sequence.Rank].Add(sequence.Request.Sampling, sequence.Slot, tokens, length);
        _byRank[sequence.Rank].Add(sequence);
    }

    private void Start(ServeStep[] step)
    {
        _firstNonFinitePart = null;
        _outstanding = _plan.Ranks;
        _watch.Begin();
        (_step, _stepStarted) = (step, _time.GetTimestamp());
        for (int rank = 0; rank < _plan.Ranks; rank++)
        {
            ServeStep message = step[_plan.PositionOf(rank).ExpertRank];
            if (_stepWays[rank] is { } way)
            {
                way.Tell(message, Self);
            }
            else
            {
                _ranks.TellStage(rank, message, Self);
            }
        }
    }

    private void EndStep()
    {
        if (!_step[0].ChecksFinite && !AreLogitsFinite())
        {
            // Once more, looking at every layer's output; the caches get the same rows again.
            Start([.. _step.Select(step => step with { ChecksFinite = true })]);
            return;
        }

        int tokens = 0;
        for (int rank = 0; rank < _byRank.Length; rank++)
        {
            tokens += _byRank[rank].Count;
            for (int i = 0; i < _byRank[rank].Count; i++)
            {
                Answer(_byRank[rank][i], _served[rank]!.Tokens[i]);
            }
        }

        _meters?.StepEnded(_step[0].Mode, tokens, _time.GetElapsedTime(_stepStarted).TotalSeconds);
        NextStep();
    }

    private bool AreLogitsFinite()
    {
        for (int rank = 0; rank < _byRank.Length; rank++)
        {
            if (_served[rank]!.Tokens[.._byRank[rank].Count].Contains(StageServed.NoToken))
            {
                return false;
            }
        }

        return true;
    }

    private void Answer(Sequence sequence, int token)
    {
        if (token == StageServed.NoToken)
        {
            Leave(sequence);
            string part = new StageLayout(_plan.Model, _plan.Stages).NameOfPart(_firstNonFinitePart);
            string why =
                $"the logits after {sequence.Length} tokens are not finite, first seen in the output of {part}: the model's values are damaged or too large for float32";
            GatewayLog.Failed(_log, 1, why);
            _meters?.Failed(running: 1, waiting: 0);
            sequence.User.Tell(new InferenceFailed(why, null), Self);
            return;
        }

        bool isNew = sequence.Take(token);
        if (sequence.Generated == 1)
        {
            sequence.FirstToken = _time.GetTimestamp();
            _meters?.FirstToken(_time.GetElapsedTime(sequence.Arrived, sequence.FirstToken).TotalSeconds);
        }

        if (isNew)
        {
            sequence.User.Tell(new TokenGenerated(token), Self);
        }

        if (sequence.End(_options.MaxLength) is not { } reason)
        {
            return;
        }

        Leave(sequence);
        double prefill = _time.GetElapsedTime(sequence.Started, sequence.FirstToken).TotalSeconds;
        double decode = _time.GetElapsedTime(sequence.FirstToken).TotalSeconds;
        _meters?.Ended(reason, prefill, decode);
        GatewayLog.Ended(_log, reason, sequence.Generated, prefill, decode);
        sequence.User.Tell(new InferenceEnded(reason, sequence.Generated, prefill, decode), Self);
    }

    private void Leave(Sequence sequence)
    {
        _running.Remove(sequence);
        _slots.Return(sequence.Rank, sequence.Slot);
    }

    private void FailIf(string? stalled)
    {
        if (stalled is not null)
        {
            Fail(stalled, null);
        }
    }

    private void Fail(string reason, string? detail)
    {
        Timers.CancelAll();
        GatewayLog.Failed(_log, _running.Count + _waiting.Count, reason);
        _meters?.Failed(_running.Count, _waiting.Count);
        _failure = new InferenceFailed(reason, detail);
        foreach (Sequence sequence in _running.Concat(_waiting))
        {
            sequence.User.Tell(_failure, Self);
        }

        _running.Clear();
        _waiting.Clear();
    }
}
