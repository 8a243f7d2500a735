using Actors.Tensors;

namespace Actors.Cpu.Simd;

/// <summary>Sorts rows by expert in two passes: counts, then places.</summary>
internal static unsafe class SortKernel
{
    /// <summary>As <see cref="Actors.Tensors.Operations.IRoutingOperations.SortByExpert"/>; <paramref name="cursors"/> has a place for each expert and each received row.</summary>
    public static void Sort(
        int* experts, long stride, int live, int received, int choices, int local, int room, int* offsets, int* sources, int* slots, int* rowOfSlot, int* sumRows,
        int* sumSlots, int* needed, int* cursors)
    {
        Count(experts, stride, live, choices, local, offsets);
        int sorted = offsets[local];
        if (needed is not null)
        {
            *needed = Math.Max(*needed, sorted);
        }
        else if (sorted > room)
        {
            throw new TensorShapeException($"SortByExpert: sources has room for {room} rows, there are {sorted} local choices.");
        }

        new ReadOnlySpan<int>(offsets, local).CopyTo(new Span<int>(cursors, local));
        int slot = 0;
        for (int row = 0; row < live; row++)
        {
            int* chosen = experts + (row * stride);
            for (int k = 0; k < choices; k++, slot++)
            {
                int place = chosen[k] < 0 ? -1 : cursors[chosen[k]]++;
                place = place < room ? place : -1;
                rowOfSlot[slot] = place;
                if (place >= 0)
                {
                    (sources[place], slots[place]) = (row, slot);
                }
            }
        }

        new Span<int>(rowOfSlot + slot, (received - live) * choices).Fill(-1);
        for (int expert = local; offsets[expert] > room; expert--)
        {
            offsets[expert] = room;
        }

        sorted = Math.Min(sorted, room);
        new Span<int>(sources + sorted, room - sorted).Fill(-1);
        new Span<int>(slots + sorted, room - sorted).Fill(-1);
        OrderSums(received, choices, sorted, sources, slots, sumRows, sumSlots, cursors + local);
    }

    private static void Count(int* experts, long stride, int received, int choices, int local, int* offsets)
    {
        new Span<int>(offsets, local + 1).Clear();
        for (int row = 0; row < received; row++)
        {
            int* chosen = experts + (row * stride);
            for (int k = 0; k < choices; k++)
            {
                if (chosen[k] >= 0)
                {
                    offsets[chosen[k] + 1]++;
                }
            }
        }

        for (int expert = 0; expert < local; expert++)
        {
            offsets[expert + 1] += offsets[expert];
        }
    }

    /// <summary>Sorted rows ascend with the expert, so a received row's terms in expert order are its sorted rows as they come.</summary>
    private static void OrderSums(int received, int choices, int sorted, int* sources, int* slots, int* sumRows, int* sumSlots, int* filled)
    {
        new Span<int>(sumRows, received * choices).Fill(-1);
        new Span<int>(sumSlots, received * choices).Fill(-1);
        new Span<int>(filled, received).Clear();
        for (int row = 0; row < sorted; row++)
        {
            int place = (sources[row] * choices) + filled[sources[row]]++;
            (sumRows[place], sumSlots[place]) = (row, slots[row]);
        }
    }
}
