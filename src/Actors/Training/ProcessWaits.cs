using System.Collections.Immutable;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Checkpoints;
using Akka.Actor;

namespace Actors.Runtime.Training;

/// <summary>Coordinator → leader: whom the other processes of a run wait for, of the last steps together.</summary>
/// <param name="Process">The process whose ranks waited least; null: none stands out.</param>
/// <param name="Others">Share of their time that the ranks of the others waited, 0 to 1.</param>
/// <param name="Own">The same of its own ranks.</param>
internal sealed record ProcessWaited(int? Process, double Others, double Own) : INoSerializationVerificationNeeded;

/// <summary>
/// Finds a process that others wait for. All ranks play a step in the same time, so who computes longest waits least: for rows (exposed
/// communication and skew), and for other stages (bubble).
/// </summary>
internal sealed class ProcessWaits
{
    /// <summary>Steps that are looked at together.</summary>
    public const int Steps = 20;

    /// <summary>By how much the others must wait longer: what the pipeline's ends and the router's choices bring about stays below.</summary>
    private const double Noticeable = 0.25;

    private readonly int[] _processOf;
    private readonly (long Waited, long Total)[] _times;
    private int _steps;

    /// <summary>Begins to watch.</summary>
    public ProcessWaits(RunPlan plan, ImmutableArray<RunProcess> processes)
    {
        _processOf = [.. Enumerable.Range(0, plan.Ranks).Select(rank => processes.IndexOf(processes.First(of => of.Nodes.Contains(plan.NodeOf(rank)))))];
        _times = new (long, long)[processes.Length];
    }

    /// <summary>Takes a rank's report.</summary>
    public void Add(StagePlayed played)
    {
        ref (long Waited, long Total) times = ref _times[_processOf[played.Rank]];
        times.Waited += played.Times.ExposedCommunication + played.Times.Skew + played.Times.Bubble;
        times.Total += played.Times.Total;
    }

    /// <summary>A step is over.</summary>
    /// <returns>What the last steps showed; null while they are not complete.</returns>
    public ProcessWaited? EndStep()
    {
        if (++_steps < Steps)
        {
            return null;
        }

        ProcessWaited waited = Judge();
        _steps = 0;
        Array.Clear(_times);
        return waited;
    }

    private ProcessWaited Judge()
    {
        double[] shares = [.. _times.Select(times => Share(times.Waited, times.Total))];
        int least = Array.IndexOf(shares, shares.Min());
        (long waited, long total) = (0, 0);
        for (int process = 0; process < _times.Length; process++)
        {
            waited += process == least ? 0 : _times[process].Waited;
            total += process == least ? 0 : _times[process].Total;
        }

        double others = Share(waited, total);
        return new ProcessWaited(others - shares[least] >= Noticeable ? least : null, others, shares[least]);
    }

    private static double Share(long waited, long total) => total == 0 ? 0 : (double)waited / total;
}
