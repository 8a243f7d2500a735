using Actors.Tensors.Numbers;

namespace Actors.Simulation.Faults;

/// <summary>
/// The faults of a history, drawn from its seed: one to three, at the start, in the midst of steps, of placements, of checkpoints, and of each
/// other; where the history has a leave, after them or alone.
/// </summary>
internal sealed class FaultPlan
{
    /// <summary>Keep the draws of the plan apart from those of turns, and from each other.</summary>
    private const ulong Salt = 0x9E3779B97F4A7C15, LeaveSalt = 0x8CB92BA72F3D8DD7, PartsSalt = 0xD1B54A32D192ED03;

    private const int MostFaults = 3, PartsCombinations = 8;
    private static readonly FaultKind[] Leaves = [FaultKind.WorkerLeave, FaultKind.LeaderLeave];
    private static readonly FaultKind[] Kinds = [.. Enum.GetValues<FaultKind>().Except(Leaves)];
    private readonly List<Fault> _faults = [];
    private readonly int _steps;
    private ulong _state;

    private FaultPlan(ulong state, int steps) => (_state, _steps) = (state, steps);

    /// <summary>What a history has beside training and faults, where nobody says: each part in half of the histories.</summary>
    public static HistoryParts PartsOf(ulong seed)
    {
        ulong state = seed ^ PartsSalt;
        return (HistoryParts)(int)(SplitMix64.Next(ref state) % PartsCombinations);
    }

    /// <summary>The faults of a seed.</summary>
    /// <param name="seed">Decides them.</param>
    /// <param name="steps">Steps of the run.</param>
    /// <param name="parts">What the history has beside them.</param>
    public static IReadOnlyList<Fault> Of(ulong seed, int steps, HistoryParts parts)
    {
        var plan = new FaultPlan(seed ^ Salt, steps);
        int count = 1 + plan.Draw(MostFaults);
        for (int i = 0; i < count; i++)
        {
            plan.Add(Kinds);
        }

        if (parts.HasFlag(HistoryParts.Leave))
        {
            plan._state = seed ^ LeaveSalt;
            if (plan.Draw(3) == 0)
            {
                plan._faults.Clear();
            }

            plan.Add(Leaves);
        }

        return plan._faults;
    }

    private void Add(FaultKind[] kinds)
    {
        FaultKind kind = kinds[Draw(kinds.Length)];
        FaultAnchor anchor = _faults.Count > 0 && Draw(2) == 0 ? FaultAnchor.Fault
            : kind == FaultKind.DiskFull ? FaultAnchor.Checkpoint
            : (FaultAnchor)Draw((int)FaultAnchor.Fault);
        int number = anchor switch
        {
            FaultAnchor.Step => 1 + Draw(Math.Max(1, _steps - 1)),
            FaultAnchor.Placement => 1 + Draw(2),
            _ => 1 + Draw(3),
        };
        _faults.Add(new Fault(
            kind, anchor, number, Ticks(kind == FaultKind.DiskFull ? 14 : 25), Ticks(20, 28), Draw(1 << 20), Draw(4) > 0 ? Ticks(18, 27) : null));
    }

    private int Draw(int below) => (int)(SplitMix64.Next(ref _state) % (ulong)below);

    /// <summary>Of each magnitude as many: 100 ns to seconds.</summary>
    private long Ticks(int most, int above = 0) => above == 0 ? Draw(1 << Draw(most)) : (1L << most) + Draw(1 << (most + Draw(above - most)));
}
