using System.Collections.Immutable;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Training.Copies;

/// <summary>
/// Which rank keeps a copy of what a rank owns: one of the next process, counted round. So the state of a run outlives the loss of any process,
/// and of several that do not follow each other. A pure function of the placement.
/// </summary>
internal sealed class CopyPlacement
{
    private readonly int[] _keepers;

    /// <summary>Chooses the keepers.</summary>
    /// <param name="plan">Shape of the run.</param>
    /// <param name="processes">The plan's nodes of each process; at least two processes.</param>
    public CopyPlacement(RunPlan plan, IReadOnlyList<ImmutableArray<int>> processes)
    {
        if (processes.Count < 2)
        {
            throw new ArgumentException("A process keeps copies for others: there must be two of them.", nameof(processes));
        }

        _keepers = new int[plan.Ranks];
        int[][] ranks = [.. processes.Select(nodes => nodes.SelectMany(plan.RanksOf).ToArray())];
        for (int process = 0; process < ranks.Length; process++)
        {
            int[] keepers = ranks[KeeperOf(process, ranks.Length)];
            for (int i = 0; i < ranks[process].Length; i++)
            {
                _keepers[ranks[process][i]] = keepers[i % keepers.Length];
            }
        }
    }

    /// <summary>The rank that keeps a copy of what a rank owns.</summary>
    public int KeeperOf(int rank) => _keepers[rank];

    /// <summary>The ranks of whose state a rank keeps a copy.</summary>
    public IEnumerable<int> KeptBy(int rank) => Enumerable.Range(0, _keepers.Length).Where(owner => _keepers[owner] == rank);

    /// <summary>The process that keeps the copies of a process.</summary>
    public static int KeeperOf(int process, int processes) => (process + 1) % processes;
}
