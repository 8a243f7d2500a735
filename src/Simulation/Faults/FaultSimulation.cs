using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Faults;

/// <summary>
/// Histories of a cluster under faults, each decided by its seed alone: which faults, when, in what order turns are taken, how long
/// everything takes. Made once for a thread, and used by it alone.
/// </summary>
public sealed class FaultSimulation : IDisposable
{
    private const int CheckpointEverySteps = 2;

    /// <summary>
    /// Virtual time that a run may take once the last fault is over: several placements, each given up after its timeout, or the 300 s after which a caller
    /// gives up whom nobody answers.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(360);

    /// <summary>Virtual time after a run's end after which nobody holds anything of it.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(70);

    private readonly FaultOptions _options;
    private readonly IBackend _backend;
    private readonly Reference _reference;

    /// <summary>Trains without faults, to compare with.</summary>
    public FaultSimulation(FaultOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Processes, 3);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Processes, SimulatedModel.Plan.Nodes);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Steps, 1);
        (_options, _backend) = (options, options.MakeBackend());
        _reference = Undisturbed();
    }

    /// <summary>Loss and gradient norm of each step of the undisturbed run.</summary>
    public IReadOnlyDictionary<int, (double Loss, double Norm)> Losses => _reference.Losses;

    /// <summary>Runs the history of a seed.</summary>
    /// <exception cref="SimulationException">A rule is broken; the message says which, and what happened before.</exception>
    public FaultOutcome Run(ulong seed)
    {
        HistoryParts parts = _options.Parts ?? FaultPlan.PartsOf(seed);
        using var cluster = new SimulatedCluster(_options, seed, _backend, CheckpointEverySteps, _reference, parts);
        var injector = new FaultInjector(cluster, FaultPlan.Of(seed, _options.Steps, parts));
        cluster.Reached = injector.Reached;
        cluster.HasEnded = injector.Ended;
        try
        {
            return Run(cluster, injector, parts);
        }
        catch (Exception failure) when (failure is not SimulationException)
        {
            throw Broken(cluster, failure.ToString());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _backend.Dispose();

    private FaultOutcome Run(SimulatedCluster cluster, FaultInjector injector, HistoryParts parts)
    {
        SimulationLoop loop = cluster.Loop;
        long began = loop.Now;
        RunToEnd(cluster, () => Math.Max(began, injector.LastUntil) + Patience.Ticks, parts.HasFlag(HistoryParts.Prompts) ? SimulatedPrompts.Count : 0);
        // A caller asks those whom a leader's last answer named: where none of them is left it gives up, and says so.
        bool knowsSomebody = cluster.Living.Any(process => cluster.Caller.Known.Contains($"{process.Address}"));
        if (cluster.Caller.Failure is { } failure && knowsSomebody && !injector.Injected.Contains(FaultKind.DiskFull))
        {
            throw Broken(cluster, $"the run failed, and no disk was full: {failure}");
        }

        if (parts.HasFlag(HistoryParts.Copies) && CopiesFailed(cluster, injector) is { } failed)
        {
            throw Broken(cluster, failed);
        }

        if (cluster.Prompts.DifferenceFrom(_reference.Answers) is { } difference)
        {
            throw Broken(cluster, difference);
        }

        (ulong trace, long turns, long ended) = (loop.Trace, loop.Turns, loop.Now);
        long until = Math.Max(loop.Now, injector.LastUntil) + Rest.Ticks;
        loop.Run(() => loop.Now > until || cluster.Checks.Broken is not null);
        cluster.AskWhatIsHeld();
        Require(cluster);
        return new FaultOutcome(
            loop.Seed, trace, turns, injector.Injected, cluster.Checks.Placements, cluster.Caller.StepsAgain, cluster.Checks.LongestRecovery,
            TimeSpan.FromTicks(ended - began), cluster.Caller.Failure)
        {
            Parts = parts,
            PromptsRefused = cluster.Prompts.Refused,
            Events = [.. cluster.Caller.Notices],
        };
    }

    /// <summary>With copies the loss of one process, were it the leader's, costs no step; null: it has not.</summary>
    private static string? CopiesFailed(SimulatedCluster cluster, FaultInjector injector)
    {
        CallerChecks caller = cluster.Caller;
        bool mayLack = injector.Injected.Contains(FaultKind.DiskFull);
        if (caller.StepsAgain > 0 && cluster.Lost < 2 && !mayLack)
        {
            return $"{caller.StepsAgain} steps were trained again, though each state had a copy, {cluster.Lost} processes were lost and no disk was full";
        }

        // A leader keeps the steps that it has told of, and ranks those that a leader before may not have told of. Two leaders may go before the caller finds the next.
        if (caller.HasLostState || cluster.LeadersGone > 1 || mayLack)
        {
            return null;
        }

        return caller.StepsAgain > 0 ? $"{caller.StepsAgain} steps were trained again, and nothing said that a state was lost with its copy"
            : caller is { Failure: null, Unseen: { } step } ? $"the run has completed, and its caller was never told of step {step}"
            : null;
    }

    private Reference Undisturbed()
    {
        using var cluster = new SimulatedCluster(_options with { Sabotage = null }, seed: 0, _backend, checkpointEverySteps: 1, reference: null, HistoryParts.Prompts);
        long began = cluster.Loop.Now;
        RunToEnd(cluster, () => began + Patience.Ticks, SimulatedPrompts.Count);
        return new Reference(cluster.Checks.Losses, cluster.Disk.Whole.ToDictionary(), cluster.Prompts.Answers);
    }

    private void RunToEnd(SimulatedCluster cluster, Func<long> deadline, int prompts)
    {
        SimulationLoop loop = cluster.Loop;
        for (int i = 0; i < _options.Processes; i++)
        {
            cluster.Start();
        }

        loop.At(loop.Now + loop.Draw((int)TimeSpan.TicksPerSecond), () => Ask(cluster, prompts), process: null);
        loop.Run(() => (cluster.Caller.HasEnded && cluster.Prompts.HaveEnded) || cluster.Checks.Broken is not null || loop.Now > deadline());
        Require(cluster);
        if (!cluster.Caller.HasEnded || !cluster.Prompts.HaveEnded)
        {
            throw Broken(cluster, $"{(cluster.Caller.HasEnded ? "a prompt" : "the run")} has not ended {Patience.TotalSeconds:0} s after the last fault was over");
        }
    }

    private static void Ask(SimulatedCluster cluster, int prompts)
    {
        SimulatedProcess first = cluster.Living[0];
        cluster.Ask(first);
        for (int prompt = 0; prompt < prompts; prompt++)
        {
            cluster.Ask(first, prompt);
        }
    }

    private static void Require(SimulatedCluster cluster)
    {
        if (cluster.Checks.Broken is { } broken)
        {
            throw Broken(cluster, broken);
        }
    }

    private static SimulationException Broken(SimulatedCluster cluster, string rule) => new(
        cluster.Loop.Seed, $"at {TimeSpan.FromTicks(cluster.Loop.Now).TotalSeconds:0.###} s: {rule}{Environment.NewLine}  {string.Join($"{Environment.NewLine}  ", cluster.Caller.Notices)}");
}
