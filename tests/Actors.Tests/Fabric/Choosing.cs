using Actors.Runtime.Fabric.Layout;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>Ways in which a token's experts are chosen.</summary>
internal static class Choosing
{
    /// <summary>Different experts, all as likely.</summary>
    public static Func<Random, int[]> Any(GroupShape shape) => random => Pick(random, shape.Choices, 0, shape.Experts);

    /// <summary>Different experts of at most so many nodes, as a gate that limits groups chooses.</summary>
    public static Func<Random, int[]> OnNodes(GroupShape shape, int limit) => random =>
    {
        int perNode = shape.Experts / shape.Nodes;
        int[] nodes = Pick(random, Math.Min(limit, shape.Nodes), 0, shape.Nodes);
        int[] experts = [.. nodes.SelectMany(node => Enumerable.Range(node * perNode, perNode))];
        random.Shuffle(experts);
        return [.. Enumerable.Range(0, shape.Choices).Select(k => k < experts.Length ? experts[k] : -1)];
    };

    /// <summary>Only experts of one rank; choices that it cannot serve are −1.</summary>
    public static Func<Random, int[]> OneRank(GroupShape shape, int rank) => random =>
    {
        int[] chosen = Pick(random, Math.Min(shape.Choices, shape.ExpertsPerRank), rank * shape.ExpertsPerRank, shape.ExpertsPerRank);
        return [.. chosen, .. Enumerable.Repeat(-1, shape.Choices - chosen.Length)];
    };

    /// <summary>No expert at all.</summary>
    public static Func<Random, int[]> None(GroupShape shape) => _ => [.. Enumerable.Repeat(-1, shape.Choices)];

    /// <summary>Like another way, but each choice may be left out.</summary>
    public static Func<Random, int[]> Sometimes(Func<Random, int[]> other) => random =>
        [.. other(random).Select(expert => random.Next(3) == 0 ? -1 : expert)];

    private static int[] Pick(Random random, int count, int first, int range)
    {
        int[] all = [.. Enumerable.Range(first, range)];
        random.Shuffle(all);
        return all[..count];
    }
}
