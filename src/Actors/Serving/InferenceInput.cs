using System.Runtime.InteropServices;
using Actors.Runtime.Pipeline;
using Actors.Tensors;

namespace Actors.Runtime.Serving;

/// <summary>
/// The tokens of the present serving step: for each source rank some prompts (prefill) or one token of each running sequence
/// (decode). Written by the gateway while no step runs.
/// </summary>
internal sealed class InferenceInput : IStepInput, IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor[] _ids;
    private readonly RankBatch[] _batches;

    public InferenceInput(IBackend backend, int ranks, int slotsPerRank, int maxTokens)
    {
        MaxTokens = maxTokens;
        _arena = new Arena(backend, ranks * Arena.Plan(1, maxTokens, ElementType.Int32));
        _ids = new Tensor[ranks];
        _batches = new RankBatch[ranks];
        for (int rank = 0; rank < ranks; rank++)
        {
            _ids[rank] = _arena.Take(1, maxTokens, ElementType.Int32);
            _batches[rank] = new RankBatch(slotsPerRank, maxTokens);
        }
    }

    public int MicroBatches => 1;

    /// <summary>Most tokens of one rank in one step.</summary>
    public int MaxTokens { get; }

    /// <summary>What a rank serves in this step.</summary>
    public RankBatch Batch(int expertRank) => _batches[expertRank];

    public Tensor Ids(int microBatch, int expertRank) => _ids[expertRank].ColumnRange(0, _batches[expertRank].Tokens);

    public void Begin(IStream stream, ChunkActivations chunk, RunStep step, int microBatch, int expertRank)
    {
        RankBatch batch = _batches[expertRank];
        if (step.Mode == StepMode.Prefill)
        {
            chunk.Sequences.Set(stream, batch.Lengths);
        }
        else
        {
            chunk.Sequences.SetSteps(stream, batch.Positions);
        }

        chunk.TakeTokens();
    }

    /// <summary>Brings the tokens of every rank to its place and names the cache slots.</summary>
    /// <param name="stream">Where the copies are enqueued.</param>
    /// <param name="cachesByRank">Caches for the sequences of each expert rank.</param>
    public void Load(IStream stream, InferenceCaches[][] cachesByRank)
    {
        for (int rank = 0; rank < _batches.Length; rank++)
        {
            RankBatch batch = _batches[rank];
            stream.Upload(MemoryMarshal.AsBytes(batch.Ids), Ids(0, rank));
            foreach (InferenceCaches caches in cachesByRank[rank])
            {
                caches.Begin(stream, batch.Slots, batch.Lengths);
            }
        }
    }

    public void Dispose() => _arena.Dispose();

    /// <summary>One rank's sequences of a step.</summary>
    internal sealed class RankBatch(int slots, int maxTokens)
    {
        private readonly int[] _ids = new int[maxTokens];
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

        public void Clear() => (Count, Tokens) = (0, 0);

        /// <summary>Adds a sequence's new tokens.</summary>
        /// <param name="slot">Its cache slot.</param>
        /// <param name="tokens">The prompt, or one token.</param>
        /// <param name="length">Tokens in the cache after the step.</param>
        public void Add(int slot, ReadOnlySpan<int> tokens, int length)
        {
            tokens.CopyTo(_ids.AsSpan(Tokens));
            Tokens += tokens.Length;
            (_slots[Count], _lengths[Count], _positions[Count]) = (slot, length, length - 1);
            Count++;
        }
    }
}
