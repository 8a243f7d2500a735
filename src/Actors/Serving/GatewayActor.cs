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
public sealed class GatewayActor : UntypedActor, IWithTimers
{
    private readonly RunPlan _plan;
    private readonly InferenceOptions _options;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<IActorRef> _nodes;
    private readonly RankDirectory _ranks;
    private readonly Queue<Sequence> _waiting = new();
    private readonly List<Sequence> _running = [];
    private readonly List<Sequence>[] _byRank;
    private readonly Stack<int>[] _freeSlots;
    private readonly SequenceBatch[] _batches;
    private readonly ServeStep[] _prefill;
    private readonly ServeStep[] _decode;
    private readonly StageServed?[] _served;
    private readonly StallWatch _watch;
    private readonly ILogger _log;
    private readonly ServingMeters? _meters;
    private ServeStep[] _step = [];
    private long _stepStarted;
    private int? _firstNonFinitePart;
    private InferenceFailed? _failure;
    private bool _connected;
    private int _outstanding;

    /// <summary>Makes the gateway; it places ranks at once and serves when they live.</summary>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="options">Limits.</param>
    /// <param name="time">Measures.</param>
    /// <param name="telemetry">Where serving logs and counts.</param>
    /// <param name="nodes">A node actor for each node of the plan.</param>
    public GatewayActor(RunPlan plan, InferenceOptions options, TimeProvider time, Telemetry telemetry, IReadOnlyList<IActorRef> nodes)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(telemetry);
        (_plan, _options, _time, _nodes) = (plan, options, time, nodes);
        _ranks = new RankDirectory(plan);
        _log = telemetry.Loggers.CreateLogger(GatewayLog.Component);
        _meters = telemetry.Meters?.Serving;
        _watch = new StallWatch(plan.Ranks, options.StallTimeout, time, _log);
        _batches = [.. Enumerable.Range(0, plan.ExpertRanks).Select(_ => new SequenceBatch(options.SlotsPerRank, options.MaxLength))];
        _prefill = [.. _batches.Select(batch => new ServeStep(StepMode.Prefill, batch))];
        _decode = [.. _batches.Select(batch => new ServeStep(StepMode.Decode, batch))];
        _served = new StageServed?[plan.ExpertRanks];
        _byRank = new List<Sequence>[plan.ExpertRanks];
        _freeSlots = new Stack<int>[_byRank.Length];
        for (int rank = 0; rank < _byRank.Length; rank++)
        {
            _byRank[rank] = [];
            _freeSlots[rank] = new Stack<int>(Enumerable.Range(0, options.SlotsPerRank).Reverse());
        }
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        GatewayLog.Serving(_log, _plan.Ranks, _plan.Description, _options.SlotsPerRank * _plan.ExpertRanks, _options.MaxLength);
        _ranks.Place(_nodes, Self);
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

    private void Take(Infer request)
    {
        if (_failure is not null)
        {
            Sender.Tell(_failure, Self);
            return;
        }

        if (Refuse(request) is { } refusal)
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

    private string? Refuse(Infer request)
    {
        int vocabulary = _plan.Model.VocabularySize;
        if (request.Prompt.IsDefaultOrEmpty)
        {
            return "the prompt is empty: give at least one token";
        }

        if (request.Prompt.Length >= _options.MaxLength)
        {
            return $"the prompt has {request.Prompt.Length} tokens; with the answer a sequence may have {_options.MaxLength}: shorten it or raise actors.inference.max-length";
        }

        foreach (int token in request.Prompt)
        {
            if ((uint)token >= (uint)vocabulary)
            {
                return $"the prompt has token {token}; the vocabulary is 0..{vocabulary - 1}";
            }
        }

        if (request.MaxTokens < 1 || !(request.Temperature >= 0) || !(request.TopP is > 0 and <= 1))
        {
            return $"max tokens {request.MaxTokens}, temperature {request.Temperature}, top-p {request.TopP}: they must be at least 1, at least 0, and above 0 up to 1";
        }

        return _waiting.Count >= _options.MaxWaiting
            ? $"{_waiting.Count} requests wait already: try again later or raise actors.inference.max-waiting"
            : null;
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

            Start(_decode);
        }
    }

    /// <summary>Gives waiting prompts their slots, in order of arrival; true when any was admitted.</summary>
    private bool AdmitPrompts()
    {
        bool admitted = false;
        while (_waiting.TryPeek(out Sequence? sequence) && FindRank(sequence.Request.Prompt.Length) is int rank and >= 0)
        {
            _waiting.Dequeue();
            sequence.Rank = rank;
            sequence.Slot = _freeSlots[rank].Pop();
            sequence.Started = _time.GetTimestamp();
            Add(sequence, sequence.Request.Prompt.AsSpan(), sequence.Request.Prompt.Length);
            _running.Add(sequence);
            admitted = true;
            _meters?.Admitted(sequence.Request.Prompt.Length);
            GatewayLog.Admitted(_log, rank, sequence.Request.Prompt.Length, sequence.Request.MaxTokens, _waiting.Count);
        }

        return admitted;
    }

    /// <summary>The rank with most free slots among those whose step still has room for the prompt, or −1.</summary>
    private int FindRank(int tokens)
    {
        int best = -1;
        for (int rank = 0; rank < _freeSlots.Length; rank++)
        {
            bool fits = _freeSlots[rank].Count > 0 && _batches[rank].Tokens + tokens <= _options.MaxLength;
            if (fits && (best < 0 || _freeSlots[rank].Count > _freeSlots[best].Count))
            {
                best = rank;
            }
        }

        return best;
    }

    private void Add(Sequence sequence, ReadOnlySpan<int> tokens, int length)
    {
        _batches[sequence.Rank].Add(sequence.Request, sequence.Slot, tokens, length);
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
            _ranks.TellStage(rank, step[_plan.PositionOf(rank).ExpertRank], Self);
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

        sequence.Take(token);
        if (sequence.Generated == 1)
        {
            sequence.FirstToken = _time.GetTimestamp();
            _meters?.FirstToken(_time.GetElapsedTime(sequence.Arrived, sequence.FirstToken).TotalSeconds);
        }

        sequence.User.Tell(new TokenGenerated(token), Self);
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
        _freeSlots[sequence.Rank].Push(sequence.Slot);
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
