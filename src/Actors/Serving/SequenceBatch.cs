using System.Runtime.InteropServices;
using Actors.Runtime.Peers;

namespace Actors.Runtime.Serving;

/// <summary>
/// The sequences that one expert rank serves in a step: prompts (prefill), or one token of each that runs (decode). The gateway writes it
/// anew for every step, when all ranks have played the one before; ranks read it when they begin. A rank of another process has a copy, into
/// which a link writes entries and tokens. They stay where they are, so a link reads them in place, and keeps the batch while it does.
/// </summary>
/// <param name="slots">Most sequences.</param>
/// <param name="maxTokens">Most tokens of a step.</param>
internal sealed class SequenceBatch(int slots, int maxTokens) : IFrameSent
{
    private readonly int[] _ids = GC.AllocateArray<int>(maxTokens, pinned: true);
    private readonly SequenceEntry[] _entries = GC.AllocateArray<SequenceEntry>(slots, pinned: true);
    private readonly int[] _slots = new int[slots];
    private readonly int[] _lengths = new int[slots];
    private readonly int[] _positions = new int[slots];

    public int Count { get; private set; }

    public int Tokens { get; private set; }

    public ReadOnlySpan<int> Ids => _ids.AsSpan(0, Tokens);

    /// <summary>Cache slot of each sequence.</summary>
    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, Count);

    /// <summary>Tokens of each sequence in its cache after the step.</summary>
    public ReadOnlySpan<int> Lengths => _lengths.AsSpan(0, Count);

    /// <summary>Position of each sequence's last token.</summary>
    public ReadOnlySpan<int> Positions => _positions.AsSpan(0, Count);

    /// <summary>The sequences as they cross between processes.</summary>
    public ReadOnlySpan<SequenceEntry> Entries => _entries.AsSpan(0, Count);

    public void Clear() => (Count, Tokens) = (0, 0);

    /// <summary>Adds a sequence's new tokens.</summary>
    /// <param name="sampling">How its next token is drawn.</param>
    /// <param name="slot">Its cache slot.</param>
    /// <param name="tokens">The prompt, or one token.</param>
    /// <param name="length">Tokens in the cache after the step.</param>
    public void Add(in Sampling sampling, int slot, ReadOnlySpan<int> tokens, int length)
    {
        tokens.CopyTo(_ids.AsSpan(Tokens));
        Tokens += tokens.Length;
        _entries[Count] = new SequenceEntry { Slot = slot, Length = length, Sampling = sampling };
        (_slots[Count], _lengths[Count], _positions[Count]) = (slot, length, length - 1);
        Count++;
    }

    /// <summary>The memory of so many entries and tokens, for a link to read or to fill.</summary>
    /// <returns>How many parts.</returns>
    public int Parts(int count, int tokens, Span<PayloadPart> parts)
    {
        if (count == 0)
        {
            return 0;
        }

        parts[0] = new PayloadPart(Marshal.UnsafeAddrOfPinnedArrayElement(_entries, 0), (long)count * SequenceEntry.Bytes);
        parts[1] = new PayloadPart(Marshal.UnsafeAddrOfPinnedArrayElement(_ids, 0), (long)tokens * sizeof(int));
        return 2;
    }

    /// <summary>Takes what a link has written.</summary>
    /// <param name="count">Entries.</param>
    /// <param name="tokens">Tokens of all.</param>
    /// <param name="isPrefill">Whether each sequence brings all of its tokens, not one.</param>
    /// <param name="vocabulary">Size of the vocabulary.</param>
    /// <exception cref="FrameRefusedException">A number names no slot, length or token.</exception>
    public void Take(int count, int tokens, bool isPrefill, int vocabulary)
    {
        (Count, Tokens) = (count, tokens);
        int counted = 0;
        for (int i = 0; i < count; i++)
        {
            ref readonly SequenceEntry entry = ref _entries[i];
            if ((uint)entry.Slot >= (uint)_slots.Length || entry.Length < 1 || entry.Length > _ids.Length || !entry.Sampling.IsValid)
            {
                throw new FrameRefusedException(
                    $"a step has a sequence of {entry.Length} tokens in cache slot {entry.Slot}, drawn with {entry.Sampling}; "
                    + $"there are {_slots.Length} slots of {_ids.Length} tokens");
            }

            (_slots[i], _lengths[i], _positions[i]) = (entry.Slot, entry.Length, entry.Length - 1);
            counted += isPrefill ? entry.Length : 1;
        }

        if (counted != tokens)
        {
            throw new FrameRefusedException($"a step has {tokens} tokens, and its {count} sequences have {counted}");
        }

        foreach (int token in Ids)
        {
            if ((uint)token >= (uint)vocabulary)
            {
                throw new FrameRefusedException($"a step has token {token}; the vocabulary is 0..{vocabulary - 1}");
            }
        }
    }

    /// <summary>Nothing to do: the gateway writes again when the rank has played the step, and so has read all of it.</summary>
    void IFrameSent.Sent()
    {
    }
}
