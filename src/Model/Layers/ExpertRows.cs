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
    private int[] _filled = [];

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

        int slot = 0;
        for (int received = 0; received < Received; received++)
        {
            for (int end = slot + choices; slot < end; slot++)
            {
                int expert = experts[slot];
                int row = expert < 0 ? -1 : filled[expert]++;
                _rowOfSlot[slot] = row;
                if (row >= 0)
                {
                    _sources[row] = received;
                    _slots[row] = slot;
                }
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

    /// <summary>
    /// Sorted rows ascend with the expert, so a received row's terms in expert order are its sorted rows as they come.
    /// </summary>
    private void OrderSums()
    {
        _sumRows.AsSpan(0, Received * Choices).Fill(-1);
        _sumSlots.AsSpan(0, Received * Choices).Fill(-1);
        Span<int> filled = _filled.AsSpan(0, Received);
        filled.Clear();
        ReadOnlySpan<int> sources = Sources, slots = Slots;
        for (int row = 0; row < sources.Length; row++)
        {
            int received = sources[row];
            int place = received * Choices + filled[received]++;
            _sumRows[place] = row;
            _sumSlots[place] = slots[row];
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
            _filled = new int[length];
        }
    }
}
