using Actors.Tensors;
using Actors.Tensors.Operations;
using FsCheck;
using FsCheck.Fluent;

namespace Actors.Parity.Tests;

/// <summary>What the order of rows by expert is, whoever makes it.</summary>
public sealed class ExpertOrderLaws
{
    private const int Choices = 3;
    private const int Experts = 4;

    public static TheoryData<string> BackendNames() => GradientChecks.BackendNames();

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Each_local_choice_has_one_row_sorted_by_expert_then_received_order(string backend)
    {
        Check(backend, (experts, order) =>
        {
            (int Expert, int Slot)[] expected =
                [.. experts.Select((expert, slot) => (expert, slot)).Where(choice => choice.expert >= 0).Order()];
            return order.Slots.SequenceEqual(expected.Select(choice => choice.Slot))
                && order.Sources.SequenceEqual(expected.Select(choice => choice.Slot / Choices))
                && order.Offsets.SequenceEqual(Enumerable.Range(0, Experts + 1).Select(e => expected.Count(c => c.Expert < e)));
        });
    }

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Sums_list_each_row_in_expert_order_with_its_slot(string backend)
    {
        Check(backend, (experts, order) =>
        {
            for (int t = 0; t < experts.Length / Choices; t++)
            {
                int[] slots = [.. Enumerable.Range(t * Choices, Choices).Where(slot => experts[slot] >= 0).OrderBy(slot => (experts[slot], slot))];
                int[] padding = [.. Enumerable.Repeat(-1, Choices - slots.Length)];
                if (!order.SumSlots.AsSpan(t * Choices, Choices).SequenceEqual([.. slots, .. padding])
                    || !order.SumRows.AsSpan(t * Choices, Choices).SequenceEqual([.. slots.Select(slot => order.RowOfSlot[slot]), .. padding]))
                {
                    return false;
                }
            }

            return true;
        });
    }

    [Theory]
    [InlineData("scalar")]
    [InlineData("cpu")]
    public void A_foreign_expert_and_too_many_rows_are_refused(string backend)
    {
        using var bench = new Workbench(Backends.Create(backend));
        Tensor all = bench.Ints(1, ExpertOrder.Elements(1, Choices, Experts, 1), new int[ExpertOrder.Elements(1, Choices, Experts, 1)]);
        ExpertOrder order = ExpertOrder.Cut(all, 1, Choices, Experts, 1);
        Assert.Contains("experts[0, 1] is 4", Assert.Throws<TensorShapeException>(() => bench.Stream.SortByExpert(bench.Ints(1, Choices, 0, 4, -1), order)).Message, StringComparison.Ordinal);
        Assert.Contains("sources", Assert.Throws<TensorShapeException>(() => bench.Stream.SortByExpert(bench.Ints(1, Choices, 0, 1, -1), order)).Message, StringComparison.Ordinal);
    }

    private static void Check(string backend, Func<int[], HostOrder, bool> law)
    {
        using var bench = new Workbench(Backends.Create(backend));
        Gen<int[][]> rows = Gen.Shuffle(Enumerable.Range(0, Experts).ToArray()).Select(all => all[..Choices]).ArrayOf();
        Gen<int[]> choices = from chosen in rows
                             from kept in Gen.Choose(0, 3).ArrayOf(chosen.Length * Choices)
                             select chosen.SelectMany(row => row).Select((expert, slot) => kept[slot] == 0 ? -1 : expert).ToArray();
        Prop.ForAll(Arb.From(choices), experts => law(experts, Sort(bench, experts))).QuickCheckThrowOnFailure();
    }

    private static HostOrder Sort(Workbench bench, int[] experts)
    {
        int received = experts.Length / Choices, room = experts.Count(expert => expert >= 0);
        int elements = ExpertOrder.Elements(received, Choices, Experts, room);
        // What is left of a use before must not remain.
        ExpertOrder order = ExpertOrder.Cut(bench.Ints(1, elements, [.. Enumerable.Repeat(77, elements)]), received, Choices, Experts, room);
        bench.Stream.SortByExpert(bench.Ints(received, Choices, experts), order);
        return new HostOrder(
            bench.ReadInts(order.Offsets), bench.ReadInts(order.Sources), bench.ReadInts(order.Slots), bench.ReadInts(order.RowOfSlot),
            bench.ReadInts(order.SumRows), bench.ReadInts(order.SumSlots));
    }

    private sealed record HostOrder(int[] Offsets, int[] Sources, int[] Slots, int[] RowOfSlot, int[] SumRows, int[] SumSlots);
}
