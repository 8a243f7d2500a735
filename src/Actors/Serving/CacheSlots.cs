namespace Actors.Runtime.Serving;

/// <summary>Which cache slots of each expert rank are free.</summary>
internal sealed class CacheSlots
{
    private readonly Stack<int>[] _free;

    /// <summary>All are free.</summary>
    public CacheSlots(int ranks, int slotsPerRank) =>
        _free = [.. Enumerable.Range(0, ranks).Select(_ => new Stack<int>(Enumerable.Range(0, slotsPerRank).Reverse()))];

    /// <summary>The rank with most free slots among those whose step still has room for so many tokens, or −1.</summary>
    public int Find(SequenceBatch[] batches, int tokens, int maxTokens)
    {
        int best = -1;
        for (int rank = 0; rank < _free.Length; rank++)
        {
            bool fits = _free[rank].Count > 0 && batches[rank].Tokens + tokens <= maxTokens;
            if (fits && (best < 0 || _free[rank].Count > _free[best].Count))
            {
                best = rank;
            }
        }

        return best;
    }

    public int Take(int rank) => _free[rank].Pop();

    public void Return(int rank, int slot) => _free[rank].Push(slot);
}
