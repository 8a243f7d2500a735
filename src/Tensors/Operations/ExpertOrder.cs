namespace Actors.Tensors.Operations;

/// <summary>
/// The permutation from received rows to rows sorted by expert, and back: a received row stands once with each of its local experts; rows of
/// one expert keep the received order. All Int32, in the memory of the device that made it.
/// </summary>
/// <param name="Offsets">(1, experts + 1): first sorted row of each expert, then the number of sorted rows.</param>
/// <param name="Sources">(1, sorted rows): received row of each; −1 beyond the last.</param>
/// <param name="Slots">(1, sorted rows): slot (received row · K + choice) of each; −1 beyond the last.</param>
/// <param name="RowOfSlot">(1, received · K): sorted row of each slot, −1 where its choice is not local.</param>
/// <param name="SumRows">(received, K): each received row's sorted rows in expert order, then −1.</param>
/// <param name="SumSlots">(1, received · K): the slots of <see cref="SumRows"/>, then −1.</param>
public readonly record struct ExpertOrder(Tensor Offsets, Tensor Sources, Tensor Slots, Tensor RowOfSlot, Tensor SumRows, Tensor SumSlots)
{
    /// <summary>Int32 (1, 1): the number of sorted rows, see <see cref="LiveRows"/>.</summary>
    public Tensor Live => Offsets.ColumnRange(Offsets.Columns - 1, 1);

    /// <summary>Int32 elements of all six, rows in one piece.</summary>
    /// <param name="received">Received rows.</param>
    /// <param name="choices">Choices of each, K.</param>
    /// <param name="experts">Local experts.</param>
    /// <param name="sorted">Room for sorted rows.</param>
    public static int Elements(int received, int choices, int experts, int sorted) => experts + 1 + (2 * sorted) + (3 * received * choices);

    /// <summary>Cuts the tensors from one.</summary>
    /// <param name="all">Int32 (1, <see cref="Elements"/>).</param>
    /// <param name="received">Received rows.</param>
    /// <param name="choices">Choices of each, K.</param>
    /// <param name="experts">Local experts.</param>
    /// <param name="sorted">Room for sorted rows: at least as many as there are local choices.</param>
    public static ExpertOrder Cut(Tensor all, int received, int choices, int experts, int sorted)
    {
        int slots = received * choices, at = 0;
        Tensor Next(int elements) => all.ColumnRange((at += elements) - elements, elements);
        return new ExpertOrder(Next(experts + 1), Next(sorted), Next(sorted), Next(slots), Next(slots).Reshape(received, choices), Next(slots));
    }
}
