using Actors.Model.Numbers;

namespace Actors.Simulation.Faults;

/// <summary>The faults of a history, drawn from its seed: one to three, at the start, in the midst of steps, of placements, of checkpoints, and of each other.</summary>
internal static class FaultPlan
{
    /// <summary>Keeps the draws of the plan apart from those of turns.</summary>
    private const ulong Salt = 0x9E3779B97F4A7C15;

    private const int MostFaults = 3;
    private static readonly FaultKind[] Kinds = Enum.GetValues<FaultKind>();

    /// <summary>The faults of a seed.</summary>
    /// <param name="seed">Decides them.</param>
    /// <param name="steps">Steps of the run.</param>
    public static IReadOnlyList<Fault> Of(ulong seed, int steps)
    {
        ulong state = seed ^ Salt;
        var faults = new List<Fault>();
        int count = 1 + Draw(MostFaults);
        for (int i = 0; i < count; i++)
        {
            FaultKind kind = Kinds[Draw(Kinds.Length)];
            FaultAnchor anchor = i > 0 && Draw(2) == 0 ? FaultAnchor.Fault
                : kind == FaultKind.DiskFull ? FaultAnchor.Checkpoint
                : (FaultAnchor)Draw((int)FaultAnchor.Fault);
            int number = anchor switch
            {
                FaultAnchor.Step => 1 + Draw(Math.Max(1, steps - 1)),
                FaultAnchor.Placement => 1 + Draw(2),
                _ => 1 + Draw(3),
            };
            faults.Add(new Fault(
                kind, anchor, number, Ticks(kind == FaultKind.DiskFull ? 14 : 25), Ticks(20, 28), Draw(1 << 20), Draw(4) > 0 ? Ticks(18, 27) : null));
        }

        return faults;

        int Draw(int below) => (int)(SplitMix64.Next(ref state) % (ulong)below);

        // Of each magnitude as many: 100 ns to seconds.
        long Ticks(int most, int above = 0) => above == 0 ? Draw(1 << Draw(most)) : (1L << most) + Draw(1 << (most + Draw(above - most)));
    }
}
