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

    /// <summary>Its chunks are no larger than a full pass's, and no fewer micro-batches that have a timetable would do.</summary>
    [Fact]
    public void A_pass_of_fewer_sequences_has_the_fewest_micro_batches_that_are_no_larger()
    {
        var passes = from sequences in Gen.Choose(1, 40)
                     from microBatches in Gen.Choose(1, 12)
                     from ranks in Gen.Choose(1, 9)
                     from part in Gen.Choose(1, sequences)
                     from allowed in Gen.Choose(0, (1 << 12) - 1)
                     select (Full: new BatchPlan(sequences, microBatches, ranks), Part: part, Allowed: allowed);
        Prop.ForAll(Arb.From(passes), drawn =>
        {
            (BatchPlan full, int part, int allowed) = drawn;
            BatchPlan pass = full.OfPass(part, HasTimetable);
            return pass.Sequences == part && pass.SourceRanks == full.SourceRanks && pass.MaxChunkSequences <= full.MaxChunkSequences && Largest(pass) <= Largest(full)
                && (pass.MicroBatches == full.MicroBatches || HasTimetable(pass.MicroBatches)) && pass.MicroBatches <= full.MicroBatches
                && (part == full.Sequences ? pass.MicroBatches == full.MicroBatches : Enumerable.Range(1, pass.MicroBatches - 1).All(fewer =>
                    !HasTimetable(fewer) || Largest(new BatchPlan(part, fewer, full.SourceRanks)) > Largest(full)));

            bool HasTimetable(int count) => (allowed & (1 << (count - 1))) != 0;
        }).QuickCheckThrowOnFailure();

        static int Largest(BatchPlan plan) => Enumerable.Range(0, plan.MicroBatches).Max(m => plan.FirstOf(m + 1) - plan.FirstOf(m));
    }

    [Fact]
    public void A_pass_has_one_sequence_at_least_and_no_more_than_a_full_one()
    {
        var plan = new BatchPlan(10, 2, 4);
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.OfPass(0, _ => true));
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.OfPass(11, _ => true));
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
