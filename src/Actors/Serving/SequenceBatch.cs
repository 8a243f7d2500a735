namespace Actors.Runtime.Serving;

/// <summary>
/// The sequences that one expert rank serves in a step: prompts (prefill), or one token of each that runs (decode). The gateway writes it
/// anew for every step, when all ranks have played the one before; ranks read it when they begin.
/// </summary>
/// <param name="slots">Most sequences.</param>
/// <param name="maxTokens">Most tokens of a step.</param>
internal sealed class SequenceBatch(int slots, int maxTokens)
{
    private readonly int[] _ids = new int[maxTokens];
    private readonly int[] _slots = new int[slots];
    private readonly int[] _lengths = new int[slots];
    private readonly int[] _positions = new int[slots];
    private readonly Infer?[] _requests = new Infer?[slots];

    public int Count { get; private set; }

    public int Tokens { get; private set; }

    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Tokens);

    /// <summary>Cache slot of each sequence.</summary>
    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, Count);

    /// <summary>Tokens of each sequence in its cache after the step.</summary>
    public ReadOnlySpan<int> Lengths => _lengths.AsSpan(0, Count);

    /// <summary>Position of each sequence's last token.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, Count);

    /// <summary>How the tokens of each sequence are drawn.</summary>
    public ReadOnlySpan<Infer?> Requests => _requests.AsSpan(0, Count);

    public void Clear() => (Count, Tokens) = (0, 0);

    /// <summary>Adds a sequence's new tokens.</summary>
    /// <param name="request">What is continued.</param>
    /// <param name="slot">Its cache slot.</param>
    /// <param name="tokens">The prompt, or one token.</param>
    /// <param name="length">Tokens in the cache after the step.</param>
    public void Add(Infer request, int slot, ReadOnlySpan<int> tokens, int length)
    {
        tokens.CopyTo(_ids.AsSpan(Tokens));
        Tokens += tokens.Length;
        (_requests[Count], _slots[Count], _lengths[Count], _positions[Count]) = (request, slot, length, length - 1);
        Count++;
    }
}
