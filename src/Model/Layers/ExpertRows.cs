namespace Actors.Model.Layers;

/// <summary>
/// The permutation from received rows to rows sorted by expert, and back: a received row stands once with each of its local
/// experts; rows of one expert keep the received order. Built on the host by counting, without allocation once it has grown.
/// </summary>
public sealed class ExpertRows
{
    private int[] _offsets = [];
    private int[] _cursors = [];
    private int[] _sources = [];
    private int[] _slots = [];
    private int[] _rowOfSlot = [];
    private int[] _sumRows = [];
    private int[] _sumSlots = [];

    /// <summary>Received rows of the last <see cref="Build"/>.</summary>
    public int Received { get; private set; }

    /// <summary>Choices a row, K.</summary>
    public int Choices { get; private set; }

    /// <summary>Sorted rows.</summary>
    public int Count { get; private set; }

    /// <summary>(experts + 1): first sorted row of each expert, then <see cref="Count"/>.</summary>
    public ReadOnlySpan<int> Offsets => _offsets;

    /// <summary>(Count): received row of each sorted row.</summary>
    public ReadOnlySpan<int> Sources => _sources.AsSpan(0, Count);

    /// <summary>(Count): slot (received row · K + choice) of each sorted row.</summary>
    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, Count);

    /// <summary>(Received · K): sorted row of each slot, −1 where its choice is not local.</summary>
    public ReadOnlySpan<int> RowOfSlot => _rowOfSlot.AsSpan(0, Received * Choices);

    /// <summary>(Received, K): each received row's sorted rows in expert order, then −1.</summary>
    public ReadOnlySpan<int> SumRows => _sumRows.AsSpan(0, Received * Choices);

    /// <summary>(Received, K): the slots of <see cref="SumRows"/>, then −1.</summary>
    public ReadOnlySpan<int> SumSlots => _sumSlots.AsSpan(0, Received * Choices);

    /// <summary>Sorts the rows.</summary>
    /// <param name="experts">(received, choices) local expert of each choice, −1 for none.</param>
    /// <param name="choices">Choices a row, K.</param>
    /// <param name="localExperts">Number of local experts.</param>
    /// <exception cref="ArgumentOutOfRangeException">An expert is not −1 .. localExperts − 1.</exception>
    public void Build(ReadOnlySpan<int> experts, int choices, int localExperts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(choices, 1);
        if (experts.Length % choices != 0)
        {
            throw new ArgumentException($"{experts.Length} choices are no whole number of rows of {choices}.", nameof(experts));
        }

        Received = experts.Length / choices;
        Choices = choices;
        Grow(experts.Length, localExperts);
        CountExperts(experts, localExperts);
        Span<int> filled = _cursors.AsSpan(0, localExperts);
        for (int e = 0; e < localExperts; e++)
        {
            filled[e] = _offsets[e];
        }

        for (int slot = 0; slot < experts.Length; slot++)
        {
            int expert = experts[slot];
            int row = expert < 0 ? -1 : filled[expert]++;
            _rowOfSlot[slot] = row;
            if (row >= 0)
            {
                _sources[row] = slot / choices;
                _slots[row] = slot;
            }
        }

        OrderSums();
    }

    private void CountExperts(ReadOnlySpan<int> experts, int localExperts)
    {
        Span<int> offsets = _offsets;
        offsets.Clear();
        foreach (int expert in experts)
        {
            if (expert < -1 || expert >= localExperts)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(experts), expert, $"A local expert is -1 (none) or 0..{localExperts - 1}: the dispatch sent a row to the wrong rank.");
            }

            if (expert >= 0)
            {
                offsets[expert + 1]++;
            }
        }

        for (int e = 0; e < localExperts; e++)
        {
            offsets[e + 1] += offsets[e];
        }

        Count = offsets[localExperts];
    }

    /// <summary>Sorted rows ascend with the expert, so a received row's terms in expert order are its sorted rows ascending.</summary>
    private void OrderSums()
    {
        for (int start = 0; start < Received * Choices; start += Choices)
        {
            int filled = 0;
            for (int k = 0; k < Choices; k++)
            {
                int row = _rowOfSlot[start + k];
                if (row < 0)
                {
                    continue;
                }

                int place = filled++;
                while (place > 0 && _sumRows[start + place - 1] > row)
                {
                    _sumRows[start + place] = _sumRows[start + place - 1];
                    _sumSlots[start + place] = _sumSlots[start + place - 1];
                    place--;
                }

                _sumRows[start + place] = row;
                _sumSlots[start + place] = start + k;
            }

            _sumRows.AsSpan(start + filled, Choices - filled).Fill(-1);
            _sumSlots.AsSpan(start + filled, Choices - filled).Fill(-1);
        }
    }

    private void Grow(int slots, int localExperts)
    {
        if (_offsets.Length != localExperts + 1)
        {
            _offsets = new int[localExperts + 1];
            _cursors = new int[localExperts];
        }

        if (_sources.Length < slots)
        {
            int length = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)slots);
            _sources = new int[length];
            _slots = new int[length];
            _rowOfSlot = new int[length];
            _sumRows = new int[length];
            _sumSlots = new int[length];
        }
    }
}
