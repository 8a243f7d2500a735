using Actors.Cpu;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>Counts the whole process's allocations: runs while no other test does.</summary>
[CollectionDefinition(nameof(SteadyState), DisableParallelization = true)]
public sealed class SteadyStateCollection;

[Collection(nameof(SteadyState))]
public sealed class SteadyState(ActorSystemFixture actors) : IClassFixture<ActorSystemFixture>
{
    [Fact]
    public async Task Routing_allocates_nothing_for_a_token()
    {
        const int TokensOfRank = 64, Steps = 40;
        var shape = new GroupShape(8, 2, experts: 32, choices: 4, columns: 64);
        using var group = new FabricGroup(
            actors.System, shape, new FabricSettings(4, 8, 2), exchanges: 2, (backend, rank) => new CopyingExperts(backend.CreateStream($"copy {rank}")));
        var random = new Random(3);
        foreach (SourceData[] sources in group.Data)
        {
            for (int rank = 0; rank < shape.Ranks; rank++)
            {
                sources[rank] = group.MakeData(random, TokensOfRank, Choosing.Any(shape));
            }
        }

        var play = new Play(
            [
                new Move(0, ExchangePhase.Forward), new Move(1, ExchangePhase.Forward),
                new Move(0, ExchangePhase.Backward), new Move(1, ExchangePhase.Backward),
            ],
            UnderWay: 2);
        long least = long.MaxValue;
        for (int round = 0; round < 4; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int step = 0; step < Steps; step++)
            {
                await group.PlayAsync(play);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // A play itself allocates (a completion source, a task with a timeout, an awaiting method): under 2 KB. The rest is
        // the runtime's own now and then (a grown mailbox ring or work queue). One object a token, of the smallest size
        // of 24 bytes, would be 24 bytes a token and way; the bound is a tenth of that.
        double perToken = (least - (Steps * 2048.0)) / (Steps * play.Moves.Length * TokensOfRank * shape.Ranks);
        Assert.True(perToken < 2.4, $"{perToken:F2} bytes a token, {least / Steps} bytes a play of {play.Moves.Length} moves");
    }

    /// <summary>Copies rows to the partial sums; allocates nothing.</summary>
    private sealed class CopyingExperts(IStream stream) : IExpertWork
    {
        public IStream Stream => stream;

        public void Forward(int exchange, ReceiveWindow window) => Copy(window, ExchangePhase.Forward);

        public void BackwardInput(int exchange, ReceiveWindow window)
        {
            Copy(window, ExchangePhase.Backward);
            window.WeightGradients.AsSpan<float>().Clear();
        }

        public void BackwardWeights(int exchange)
        {
            // Nothing is learnt.
        }

        public void Dispose() => stream.Dispose();

        private static void Copy(ReceiveWindow window, ExchangePhase phase) =>
            window.Rows(phase).AsSpan<float>().CopyTo(window.Partials(phase).AsSpan<float>());
    }
}
