using Actors.Model.Placement;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Model.Tests.Placement;

public sealed class BatchPlanTests
{
    [Fact]
    public void Every_sequence_is_in_one_chunk_at_its_rank_and_in_its_micro_batch()
    {
        var cuts = from sequences in Gen.Choose(0, 40)
                   from microBatches in Gen.Choose(1, 12)
                   from ranks in Gen.Choose(1, 9)
                   select new BatchPlan(sequences, microBatches, ranks);
        Prop.ForAll(Arb.From(cuts), plan => Seen(plan).SequenceEqual(Enumerable.Range(0, plan.Sequences))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Sequence_i_belongs_to_rank_i_modulo_ranks()
    {
        var plan = new BatchPlan(10, 2, 4);
        Assert.Equal(5, plan.FirstOf(1));
        Assert.Equal([5, 9], [plan.SequenceOf(1, 1, 0), plan.SequenceOf(1, 1, 1)]);
        Assert.Equal(2, plan.CountOf(1, 1));
        Assert.Equal(1, plan.CountOf(1, 2));
        Assert.Equal(2, plan.MaxChunkSequences);
    }

    [Fact]
    public void A_rank_may_get_nothing()
    {
        var plan = new BatchPlan(2, 1, 4);
        Assert.Equal([1, 1, 0, 0], Enumerable.Range(0, 4).Select(rank => plan.CountOf(0, rank)));
    }

    /// <summary>All sequences found in chunks, in their order; a wrong rank or micro-batch counts as −1.</summary>
    private static IEnumerable<int> Seen(BatchPlan plan)
    {
        var seen = new List<int>();
        for (int m = 0; m < plan.MicroBatches; m++)
        {
            for (int rank = 0; rank < plan.SourceRanks; rank++)
            {
                for (int i = 0; i < plan.CountOf(m, rank); i++)
                {
                    int sequence = plan.SequenceOf(m, rank, i);
                    bool right = sequence % plan.SourceRanks == rank && sequence >= plan.FirstOf(m) && sequence < plan.FirstOf(m + 1);
                    seen.Add(right ? sequence : -1);
                }
            }
        }

        return seen.Order();
    }
}
