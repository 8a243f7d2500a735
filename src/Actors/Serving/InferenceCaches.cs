using System.Runtime.InteropServices;
using Actors.Model;
using Actors.Model.Inference;
using Actors.Model.Layers;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Runtime.Serving;

/// <summary>
/// What a rank keeps of the sequences that it serves: their compressed caches in every layer that it holds, how their tokens are drawn, where the present
/// step's rows lie, its tokens, and what was drawn.
/// </summary>
internal sealed class InferenceCaches : IDisposable
{
    private readonly Dictionary<int, LatentCache> _stages = [];
    private readonly LatentCache _first;
    private readonly Arena _arena;
    private readonly HostTensor _drawn;
    private readonly Tensor _draws;
    private readonly Tensor _logits;
    private readonly Tensor _lastRows;
    private readonly Tensor _slots;
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
        var plan = new TensorPlan();
        plan.Add(slots, config.VocabularySize);
        plan.Add(slots, TokenDraw.Elements, ElementType.Int32);
        plan.Add(1, slots, ElementType.Int32);
        plan.Add(1, slots, ElementType.Int32);
        plan.Add(1, slotTokens, ElementType.Int32);
        plan.AddHost(1, slots, ElementType.Int32);
        _arena = plan.Allocate(backend);
        _logits = plan.Next();
        _draws = plan.Next();
        _lastRows = plan.Next();
        _slots = plan.Next();
        _ids = plan.Next();
        _drawn = plan.NextHost();
        _hostRows = new int[slots];
        _firstRows = new int[slots];
        Batch = new DecodeBatch(backend, slots);
        Slots = slots;
    }

    /// <summary>Sequences that the rank serves at once.</summary>
    public int Slots { get; }

    /// <summary>Where a prefill's sequences lie: first cache row of each.</summary>
    public ReadOnlySpan<int> FirstRows => _firstRows.AsSpan(0, _sequences);

    /// <summary>The running sequences of a decoding step.</summary>
    public DecodeBatch Batch { get; }

    /// <summary>The cache rows of a layer.</summary>
    public Tensor Rows(int stage, int layer) => _stages[stage][layer];

    /// <summary>The tokens drawn for the step's sequences, once it has ended.</summary>
    public ReadOnlySpan<int> Drawn => _drawn.AsSpan<int>()[.._sequences];

    /// <summary>Token ids of a prefill, Int32 (1, tokens).</summary>
    public Tensor Ids => _ids.ColumnRange(0, _tokens);

    /// <summary>Brings prompts to their place.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="batch">The prompts.</param>
    /// <param name="begins">Whether their answers begin; else the step is played once more.</param>
    public void BeginPrefill(IStream stream, SequenceBatch batch, bool begins)
    {
        Place(batch);
        _tokens = batch.Tokens;
        stream.Upload(MemoryMarshal.AsBytes(batch.Ids), Ids);
        stream.Upload(MemoryMarshal.AsBytes(batch.Slots), _slots.ColumnRange(0, batch.Count));
        for (int i = 0; begins && i < batch.Count; i++)
        {
            Sampling sampling = batch.Entries[i].Sampling;
            var draw = new TokenDraw(sampling.Temperature, sampling.TopP, sampling.Seed);
            stream.Upload(MemoryMarshal.AsBytes(new ReadOnlySpan<TokenDraw>(in draw)), _draws.RowRange(batch.Slots[i], 1));
        }
    }

    /// <summary>Brings the newest token of every sequence to its place.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="batch">The sequences.</param>
    /// <param name="rows">Rows of the step, see <see cref="DecodeBatch.Set"/>.</param>
    public void BeginDecode(IStream stream, SequenceBatch batch, int rows)
    {
        Place(batch);
        Batch.Set(stream, batch.Ids, batch.Slots, FirstRows, batch.Lengths, rows);
    }

    /// <summary>Draws the next token of every prompt from the logits of its last row.</summary>
    public void DrawAfterPrefill(IStream stream, Tensor logits, SequenceLayout sequences)
    {
        for (int s = 0; s < sequences.Sequences; s++)
        {
            _hostRows[s] = sequences.FirstRow(s + 1) - 1;
        }

        Tensor rows = _lastRows.ColumnRange(0, sequences.Sequences), last = _logits.RowRange(0, sequences.Sequences);
        stream.Upload(MemoryMarshal.AsBytes(_hostRows.AsSpan(0, sequences.Sequences)), rows);
        stream.GatherRows(logits, rows, last);
        stream.DrawTokens(last, _slots.ColumnRange(0, sequences.Sequences), _draws, _drawn.ColumnRange(0, sequences.Sequences));
    }

    /// <summary>Draws the next token of every row's sequence.</summary>
    public void DrawAfterDecode(IStream stream, Tensor logits) => stream.DrawTokens(logits, Batch.Slots, _draws, _drawn.ColumnRange(0, Batch.Rows));

    public void Dispose()
    {
        foreach (LatentCache cache in _stages.Values)
        {
            cache.Dispose();
        }

        Batch.Dispose();
        _arena.Dispose();
    }

    private void Place(SequenceBatch batch)
    {
        _sequences = batch.Count;
        for (int i = 0; i < _sequences; i++)
        {
            _firstRows[i] = _first.FirstRow(batch.Slots[i]);
        }
    }
}
