using System.Collections.Immutable;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Simulation.Turns;

namespace Actors.Simulation.Faults;

/// <summary>What the caller of a run sees, held to what it was promised.</summary>
/// <param name="loop">Whose time it takes.</param>
/// <param name="steps">Steps of the run.</param>
/// <param name="broken">Is told of a broken rule.</param>
internal sealed class CallerChecks(SimulationLoop loop, int steps, Action<string> broken)
{
    private readonly HashSet<int> _seen = [];
    private int _last;
    private bool _isWarned;

    /// <summary>Addresses of the processes that a leader's last answer to it named, which are all that it can ask; empty: no leader has answered.</summary>
    public ImmutableArray<string> Known { get; set; } = [];

    /// <summary>Whether it was told of an end.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>When.</summary>
    public long EndedAt { get; private set; }

    /// <summary>Why the run did not complete; null: it did, or has not ended.</summary>
    public string? Failure { get; private set; }

    /// <summary>Steps that it saw more than once.</summary>
    public int StepsAgain { get; private set; }

    /// <summary>The first step that it was never told of; null: there is none.</summary>
    public int? Unseen => Enumerable.Range(1, steps).Where(step => !_seen.Contains(step)).Select(step => (int?)step).FirstOrDefault();

    /// <summary>Whether it was told that the state of a lost process could not be saved from its copies.</summary>
    public bool HasLostState { get; private set; }

    /// <summary>What happened, for people.</summary>
    public List<string> Notices { get; } = [];

    public void Show(object message, Watching watching)
    {
        switch (message)
        {
            case RunNotice notice:
                Notices.Add($"{TimeSpan.FromTicks(loop.Now).TotalSeconds:0.000} {notice.Text}");
                HasLostState |= notice.Text.StartsWith("the state in memory cannot be saved", StringComparison.Ordinal);
                _isWarned |= notice.Text.Contains("trained again", StringComparison.Ordinal) || notice.Text.Contains("goes on with the run", StringComparison.Ordinal);
                break;
            case StepCompleted step:
                Notices.Add($"{TimeSpan.FromTicks(loop.Now).TotalSeconds:0.000} step {step.Step}");
                Stepped(step.Step);
                break;
            case CheckpointSaved saved:
                Notices.Add($"{TimeSpan.FromTicks(loop.Now).TotalSeconds:0.000} checkpoint {saved.Step}");
                break;
        }
    }

    public void End(object? last)
    {
        if (HasEnded)
        {
            return;
        }

        (HasEnded, EndedAt) = (true, loop.Now);
        switch (last)
        {
            case TrainingEnded ended when ended.LastStep == steps:
                break;
            case TrainingEnded ended:
                broken($"the caller was told that the run ended at step {ended.LastStep} of {steps}");
                break;
            case RunFailed failed:
                Failure = failed.NotKept is { } notKept ? $"{failed.Reason}; {notKept}" : failed.Reason;
                break;
            case CheckpointFailed failed:
                Failure = failed.Reason;
                break;
            default:
                Failure = "nobody answers";
                break;
        }

        Notices.Add($"{TimeSpan.FromTicks(loop.Now).TotalSeconds:0.000} the caller is told that the run {(Failure is null ? "has completed" : $"failed: {Failure}")}");
    }

    /// <summary>Steps come one after the other; a step that comes again was announced.</summary>
    private void Stepped(int step)
    {
        if (step <= _last)
        {
            StepsAgain++;
            if (!_isWarned)
            {
                broken($"step {step} came after step {_last}, and nothing said that steps are trained again");
            }
        }

        _isWarned &= step <= _last;
        _last = Math.Max(_last, step);
        _seen.Add(step);
    }
}
