using Actors.Model.Layers;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Model.Tests.Layers;

public sealed class ExpertRowsTests
{
    private const int Choices = 3;
    private const int Experts = 4;

    [Fact]
    public void Each_local_choice_has_one_row_sorted_by_expert_then_received_order()
    {
        Check(experts =>
        {
            ExpertRows rows = Build(experts);
            (int Expert, int Slot)[] expected =
                [.. experts.Select((expert, slot) => (expert, slot)).Where(choice => choice.expert >= 0).Order()];
            return rows.Slots.ToArray().SequenceEqual(expected.Select(choice => choice.Slot))
                && rows.Sources.ToArray().SequenceEqual(expected.Select(choice => choice.Slot / Choices))
                && rows.Offsets.ToArray().SequenceEqual(Enumerable.Range(0, Experts + 1).Select(e => expected.Count(c => c.Expert < e)));
        });
    }

    [Fact]
    public void Sums_list_each_row_in_expert_order_with_its_slot()
    {
        Check(experts =>
        {
            ExpertRows rows = Build(experts);
            for (int t = 0; t < rows.Received; t++)
            {
                int[] slots = [.. Enumerable.Range(t * Choices, Choices).Where(slot => experts[slot] >= 0).OrderBy(slot => (experts[slot], slot))];
                int[] padding = [.. Enumerable.Repeat(-1, Choices - slots.Length)];
                int[] rowOfSlot = rows.RowOfSlot.ToArray();
                if (!rows.SumSlots.Slice(t * Choices, Choices).ToArray().SequenceEqual([.. slots, .. padding])
                    || !rows.SumRows.Slice(t * Choices, Choices).ToArray().SequenceEqual([.. slots.Select(slot => rowOfSlot[slot]), .. padding]))
                {
                    return false;
                }
            }

            return true;
        });
    }

    [Fact]
    public void Building_again_allocates_nothing()
    {
        var rows = new ExpertRows();
        int[] experts = [0, 1, -1, 3, 2, 0, -1, -1, -1];
        rows.Build(experts, Choices, Experts);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            rows.Build(experts, Choices, Experts);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void No_rows_are_a_permutation_too()
    {
        var rows = new ExpertRows();
        rows.Build([], Choices, Experts);
        Assert.Equal(0, rows.Count);
        Assert.Equal([0, 0, 0, 0, 0], rows.Offsets.ToArray());
    }

    [Fact]
    public void A_foreign_expert_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ExpertRows().Build([0, 4, -1], Choices, Experts));

    private static ExpertRows Build(int[] experts)
    {
        var rows = new ExpertRows();
        // A larger one first: nothing of it may remain.
        rows.Build([3, 2, 1, 0, 1, 2, 3, 0, 1, 3, 3, 3], Choices, Experts);
        rows.Build(experts, Choices, Experts);
        return rows;
    }

    private static void Check(Func<int[], bool> law)
    {
        Gen<int[]> choices = from rows in Gen.Choose(0, 12)
                             from experts in Gen.Choose(-1, Experts - 1).ArrayOf(rows * Choices)
                             select experts;
        Prop.ForAll(Arb.From(choices), law).QuickCheckThrowOnFailure();
    }
}
