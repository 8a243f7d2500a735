using System.Runtime.InteropServices;
using Actors.Model;
using Actors.Model.Inference;
using Actors.Model.Layers;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Serving;

/// <summary>
/// What a rank keeps of the sequences that it serves: their compressed caches in every layer that it holds, where the present
/// step's rows lie in them, the step's tokens, and the last logits of each.
/// </summary>
internal sealed class InferenceCaches : IDisposable
{
    private readonly Dictionary<int, LatentCache> _stages = [];
    private readonly LatentCache _first;
    private readonly Arena _arena;
    private readonly HostTensor _logits;
    private readonly Tensor _lastRows;
    private readonly Tensor _ids;
    private readonly int[] _hostRows;
    private readonly int[] _firstRows;
    private int _sequences;
    private int _tokens;

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
        _arena = new Arena(
            backend, Arena.Plan(1, slots, ElementType.Int32) + Arena.Plan(1, slotTokens, ElementType.Int32), Arena.Plan(slots, config.VocabularySize));
        _logits = _arena.TakeHost(slots, config.VocabularySize);
        _lastRows = _arena.Take(1, slots, ElementType.Int32);
        _ids = _arena.Take(1, slotTokens, ElementType.Int32);
        _hostRows = new int[slots];
        _firstRows = new int[slots];
        Batch = new DecodeBatch(backend, slots);
        Slots = slots;
        MaxTokens = slotTokens;
    }

    /// <summary>Sequences that the rank serves at once.</summary>
    public int Slots { get; }

    /// <summary>Most tokens of a step, as many as the longest sequence has.</summary>
    public int MaxTokens { get; }

    /// <summary>Where the present step's sequences lie: first cache row of each.</summary>
    public ReadOnlySpan<int> FirstRows => _firstRows.AsSpan(0, _sequences);

    /// <summary>The running sequences of a decoding step.</summary>
    public DecodeBatch Batch { get; }

    /// <summary>The cache rows of a layer.</summary>
    public Tensor Rows(int stage, int layer) => _stages[stage][layer];

    /// <summary>The last logits of each sequence of the step (sequences, vocabulary).</summary>
    public HostTensor Logits => _logits.RowRange(0, _sequences);

    /// <summary>Token ids of the step, Int32 (1, tokens).</summary>
    public Tensor Ids => _ids.ColumnRange(0, _tokens);

    /// <summary>Brings a step's tokens to their place and names the cache slots.</summary>
    public void Begin(IStream stream, SequenceBatch batch)
    {
        _sequences = batch.Count;
        _tokens = batch.Tokens;
        for (int i = 0; i < _sequences; i++)
        {
            _firstRows[i] = _first.FirstRow(batch.Slots[i]);
        }

        stream.Upload(MemoryMarshal.AsBytes(batch.Ids), Ids);
        Batch.Set(stream, FirstRows, batch.Lengths);
    }

    /// <summary>Copies the last row of every sequence of a chunk's logits.</summary>
    public void KeepLogits(IStream stream, Tensor logits, SequenceLayout sequences)
    {
        for (int s = 0; s < sequences.Sequences; s++)
        {
            _hostRows[s] = sequences.FirstRow(s + 1) - 1;
        }

        Tensor rows = _lastRows.ColumnRange(0, sequences.Sequences);
        stream.Upload(MemoryMarshal.AsBytes(_hostRows.AsSpan(0, sequences.Sequences)), rows);
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
