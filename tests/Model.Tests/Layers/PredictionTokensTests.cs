using Actors.Cpu;
using Actors.Model.Layers;
using Actors.Tensors;

namespace Actors.Model.Tests.Layers;

public sealed class PredictionTokensTests
{
    /// <summary>Two documents, 1 to 3 and 4 to 7, the first of which ends with a token without a target; 8 follows the sequence.</summary>
    private static readonly int[] Ids = [1, 2, 3, 4, 5, 6, 7], Targets = [2, 3, -1, 5, 6, 7, 8];

    [Theory]
    [InlineData(1, new[] { 2, 3, 4, 5, 6, 7, 8 }, new[] { 3, -1, -1, 6, 7, 8, -1 })]
    [InlineData(2, new[] { 3, 4, 5, 6, 7, 8, 0 }, new[] { -1, -1, -1, 7, 8, -1, -1 })]
    [InlineData(9, new[] { 0, 0, 0, 0, 0, 0, 0 }, new[] { -1, -1, -1, -1, -1, -1, -1 })]
    public void A_module_reads_further_tokens_and_predicts_none_of_another_document(int depth, int[] ids, int[] targets)
    {
        (int[] read, int[] predicted, int[] kept) = Shifted(depth, Targets, routesAllRead: false);
        Assert.Equal(ids, read);
        Assert.Equal(targets, predicted);
        Assert.Equal(targets, kept);

        var counts = new long[10];
        PredictionTokens.CountTargets(Targets, counts);
        Assert.Equal(targets.Count(target => target >= 0), counts[depth]);
        Assert.Equal(6, counts[0]);
    }

    [Fact]
    public void Where_logits_are_asked_for_every_row_is_routed_whose_token_lies_in_the_sequence()
    {
        (_, int[] targets, int[] kept) = Shifted(2, [], routesAllRead: true);
        Assert.All(targets, target => Assert.Equal(-1, target));
        Assert.Equal([0, 0, 0, 0, 0, -1, -1], kept);
        Assert.Equal(5, PredictionTokens.TargetsOf(Ids.Length, 2));
    }

    [Fact]
    public void Sequences_of_a_chunk_do_not_see_each_other()
    {
        using var backend = new CpuBackend();
        using IStream stream = backend.CreateStream("tokens");
        using var tokens = new PredictionTokens(backend, 1, 4);
        tokens.Set(stream, 0, [1, 2], [2, 9], routesAllRead: false);
        tokens.Set(stream, 2, [3, 4], [4, 5], routesAllRead: false);
        Assert.Equal([2, 9, 4, 5], tokens.Ids(4).AsSpan<int>().ToArray());
        Assert.Equal([9, -1, 5, -1], tokens.Targets(4).AsSpan<int>().ToArray());
    }

    private static (int[] Ids, int[] Targets, int[] Kept) Shifted(int depth, int[] targets, bool routesAllRead)
    {
        using var backend = new CpuBackend();
        using IStream stream = backend.CreateStream("tokens");
        using var tokens = new PredictionTokens(backend, depth, Ids.Length);
        tokens.Set(stream, 0, Ids, targets, routesAllRead);
        return (
            tokens.Ids(Ids.Length).AsSpan<int>().ToArray(), tokens.Targets(Ids.Length).AsSpan<int>().ToArray(), tokens.Kept(Ids.Length).AsSpan<int>().ToArray());
    }
}
