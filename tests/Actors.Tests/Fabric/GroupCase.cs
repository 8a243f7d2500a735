using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>A group, its buffers and its traffic, all drawn from one number.</summary>
internal sealed record GroupCase(int Seed, GroupShape Shape, FabricSettings Settings, int Exchanges, int UnderWay, int MaxTokens, int Pattern)
{
    private static readonly (int Ranks, int RanksPerNode)[] Groups = [(1, 1), (4, 4), (4, 2), (8, 2), (4, 1), (6, 2), (32, 8)];

    public static GroupCase Of(int seed, ElementType type = ElementType.Float32)
    {
        var random = new Random(seed);
        (int ranks, int perNode) = Groups[random.Next(random.Next(6) == 0 ? Groups.Length : Groups.Length - 1)];
        int experts = ranks * random.Next(1, 5);
        int columns = random.Next(3) == 0 ? random.Next(1, 8) : random.Next(1, 70);
        var shape = new GroupShape(ranks, perNode, experts, random.Next(1, Math.Min(9, experts + 1)), columns, type);
        var settings = new FabricSettings(
            random.Next(3) switch { 0 => 1, 1 => 2, _ => ranks == 32 ? 2 : 10 }, random.Next(1, 6), random.Next(1, 4));
        int exchanges = random.Next(1, 4);
        return new GroupCase(seed, shape, settings, exchanges, random.Next(1, exchanges + 1), random.Next(2) == 0 ? 3 : 40, random.Next(6));
    }

    public FabricGroup Build(ActorSystem system) => new(system, Shape, Settings, Exchanges);

    /// <summary>New tokens for every exchange and rank; a rank may have none.</summary>
    public void Fill(FabricGroup group, int step = 0)
    {
        var random = new Random(Seed + (7919 * step));
        Func<Random, int[]> choose = Pattern switch
        {
            0 => Choosing.OneRank(Shape, random.Next(Shape.Ranks)),
            1 => Choosing.Sometimes(Choosing.Any(Shape)),
            2 => Choosing.OnNodes(Shape, 2),
            3 => Choosing.Sometimes(Choosing.OneRank(Shape, random.Next(Shape.Ranks))),
            _ => Choosing.Any(Shape),
        };
        foreach (SourceData[] sources in group.Data)
        {
            for (int rank = 0; rank < Shape.Ranks; rank++)
            {
                sources[rank] = group.MakeData(random, random.Next(4) == 0 ? 0 : random.Next(1, MaxTokens + 1), choose);
            }
        }
    }

    /// <summary>Every exchange forward and backward, backwards between forwards, in an order that all ranks share.</summary>
    public Move[] Moves()
    {
        var random = new Random(Seed + 1);
        List<Move> moves = [];
        var forward = new Queue<int>(Enumerable.Range(0, Exchanges));
        var backward = new Queue<int>();
        while (forward.Count + backward.Count > 0)
        {
            if (forward.Count > 0 && (backward.Count == 0 || random.Next(2) == 0))
            {
                moves.Add(new Move(forward.Peek(), ExchangePhase.Forward));
                backward.Enqueue(forward.Dequeue());
            }
            else
            {
                moves.Add(new Move(backward.Dequeue(), ExchangePhase.Backward));
            }
        }

        return [.. moves];
    }

    public override string ToString() =>
        $"seed {Seed}: {Shape.Nodes} nodes x {Shape.RanksPerNode} ranks, {Shape.Experts} experts, {Shape.Choices} choices, "
        + $"{Shape.Columns} {Shape.RowType} columns, {Settings}, {Exchanges} exchanges, {UnderWay} under way, up to {MaxTokens} tokens, pattern {Pattern}";
}
