using System.Collections.Immutable;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Training.Memory;

/// <summary>What a run takes: each rank for itself, and each domain for what its ranks share.</summary>
/// <param name="Plan">The run's shape.</param>
/// <param name="Ranks">By rank.</param>
/// <param name="Domains">By domain.</param>
public sealed record MemoryTable(RunPlan Plan, ImmutableArray<MemoryEstimate> Ranks, ImmutableArray<MemoryEstimate> Domains)
{
    /// <summary>The share of all that a rank takes by which ranks may differ that are shown together.</summary>
    private const double Alike = 0.01;

    /// <summary>All of it.</summary>
    public MemoryEstimate Total => Sum(Ranks) + Sum(Domains);

    /// <summary>By device: its ranks, and the domains on it.</summary>
    public ImmutableArray<MemoryEstimate> Devices => [.. Enumerable.Range(0, Plan.Devices).Select(device =>
        Sum(Ranks.Where((_, rank) => Plan.DeviceOf(rank) == device)) + Sum(Domains.Where((_, domain) => Plan.DeviceOf(Plan.FirstRankOf(domain)) == device)))];

    /// <summary>
    /// Those that take about the same, together: ranks, then domains. Each group has the largest of its members for each kind. Where the groups are more than
    /// <paramref name="most"/>, members may differ by more.
    /// </summary>
    public IReadOnlyList<MemoryGroup> Groups(int most)
    {
        for (double alike = Alike; ; alike *= 2)
        {
            MemoryGroup[] groups = [.. Grouped(Ranks, alike, areDomains: false), .. Grouped(Domains, alike, areDomains: true)];
            if (groups.Length <= most || alike > 1)
            {
                return groups;
            }
        }
    }

    private static List<MemoryGroup> Grouped(ImmutableArray<MemoryEstimate> members, double alike, bool areDomains)
    {
        var groups = new List<(MemoryEstimate First, MemoryEstimate Largest, ImmutableArray<int>.Builder Numbers)>();
        for (int number = 0; number < members.Length; number++)
        {
            MemoryEstimate one = members[number];
            int at = groups.FindIndex(group => AreAlike(group.First, one, alike));
            if (at < 0)
            {
                at = groups.Count;
                groups.Add((one, one, ImmutableArray.CreateBuilder<int>()));
            }

            groups[at].Numbers.Add(number);
            groups[at] = groups[at] with { Largest = MemoryEstimate.Largest(groups[at].Largest, one) };
        }

        return [.. groups.Where(group => group.Largest.Buffers > 0).Select(group => new MemoryGroup(areDomains, group.Numbers.ToImmutable(), group.Largest))];
    }

    private static bool AreAlike(MemoryEstimate left, MemoryEstimate right, double alike)
    {
        double most = alike * Math.Max(left.Buffers, right.Buffers);
        return MemoryEstimate.Kinds.All(kind => Math.Abs(left[kind] - right[kind]) <= most);
    }

    private static MemoryEstimate Sum(IEnumerable<MemoryEstimate> estimates) => estimates.Aggregate(default(MemoryEstimate), static (left, right) => left + right);
}
