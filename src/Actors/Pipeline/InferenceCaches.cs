using Actors.Model;
using Actors.Model.Inference;
using Actors.Model.Layers;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// What a rank keeps of the sequences that it serves: their compressed caches in every layer that it holds, where the present
/// step's rows lie in them, and the last logits of each.
/// </summary>
internal sealed class InferenceCaches : IDisposable
{
    private readonly Dictionary<int, LatentCache> _stages = [];
    private readonly LatentCache _first;
    private readonly Arena _arena;
    private readonly Tensor _logits;
    private readonly Tensor _lastRows;
    private readonly int[] _hostRows;
    private readonly int[] _firstRows;
    private int _sequences;

    /// <summary>Allocates the caches of the stages that a rank holds.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="config">The model.</param>
    /// <param name="layout">Layers of the stages.</param>
    /// <param name="stages">Stages that the rank holds.</param>
    /// <param name="slots">Sequences that the rank serves at once.</param>
    /// <param name="slotTokens">Tokens of the longest sequence.</param>
    public InferenceCaches(IBackend backend, ModelConfig config, StageLayout layout, IEnumerable<int> stages, int slots, int slotTokens)
    {
        foreach (int stage in stages)
        {
            _stages.Add(stage, new LatentCache(backend, config, layout.LayerCount(stage), slots, slotTokens));
        }

        _first = _stages.Values.First();
        _arena = new Arena(backend, Arena.Plan(slots, config.VocabularySize) + Arena.Plan(1, slots, ElementType.Int32));
        _logits = _arena.Take(slots, config.VocabularySize);
        _lastRows = _arena.Take(1, slots, ElementType.Int32);
        _hostRows = new int[slots];
        _firstRows = new int[slots];
        Batch = new DecodeBatch(backend, slots);
    }

    /// <summary>Where the present step's sequences lie: first cache row of each.</summary>
    public ReadOnlySpan<int> FirstRows => _firstRows.AsSpan(0, _sequences);

    /// <summary>The running sequences of a decoding step.</summary>
    public DecodeBatch Batch { get; }

    /// <summary>The cache rows of a layer.</summary>
    public Tensor Rows(int stage, int layer) => _stages[stage][layer];

    /// <summary>The last logits of each sequence of the step (sequences, vocabulary).</summary>
    public Tensor Logits => _logits.RowRange(0, _sequences);

    /// <summary>Names the cache slots of the step's sequences; for decoding also their lengths, the new token included.</summary>
    public void Begin(IStream stream, ReadOnlySpan<int> slots, ReadOnlySpan<int> lengths)
    {
        _sequences = slots.Length;
        for (int i = 0; i < slots.Length; i++)
        {
            _firstRows[i] = _first.FirstRow(slots[i]);
        }

        Batch.Set(stream, FirstRows, lengths);
    }

    /// <summary>Copies the last row of every sequence of a chunk's logits.</summary>
    public void KeepLogits(IStream stream, Tensor logits, SequenceLayout sequences)
    {
        for (int s = 0; s < sequences.Sequences; s++)
        {
            _hostRows[s] = sequences.FirstRow(s + 1) - 1;
        }

        Tensor rows = _lastRows.ColumnRange(0, sequences.Sequences);
        stream.Upload(System.Runtime.InteropServices.MemoryMarshal.AsBytes(_hostRows.AsSpan(0, sequences.Sequences)), rows);
        stream.GatherRows(logits, rows, Logits);
    }

    public void Dispose()
    {
        foreach (LatentCache cache in _stages.Values)
        {
            cache.Dispose();
        }

        Batch.Dispose();
        _arena.Dispose();
    }
}
