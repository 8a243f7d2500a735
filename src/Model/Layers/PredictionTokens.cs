using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>What a multi-token-prediction module reads and predicts in a chunk, made of the tokens and targets of its sequences.</summary>
public sealed class PredictionTokens : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _ids, _targets, _kept;
    private readonly int _depth;
    private int[] _hostIds = [], _hostTargets = [], _hostKept = [];

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="depth">The module, from 1.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    public PredictionTokens(IBackend backend, int depth, int maxTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        _depth = depth;
        var plan = new TensorPlan();
        plan.Add(1, maxTokens, ElementType.Int32);
        plan.Add(1, maxTokens, ElementType.Int32);
        plan.Add(1, maxTokens, ElementType.Int32);
        _arena = plan.Allocate(backend);
        _ids = plan.Next();
        _targets = plan.Next();
        _kept = plan.Next();
    }

    /// <summary>Int32 (1, tokens): at each place the token <c>depth</c> places further; 0 where the sequence has ended, of which no prediction depends.</summary>
    /// <param name="tokens">Rows of the chunk.</param>
    public Tensor Ids(int tokens) => _ids.ColumnRange(0, tokens);

    /// <summary>
    /// Int32 (1, tokens): the token <c>depth + 1</c> places further; −1 where there is none or a place between has no target, so that a prediction never
    /// crosses from one document to another.
    /// </summary>
    /// <param name="tokens">Rows of the chunk.</param>
    public Tensor Targets(int tokens) => _targets.ColumnRange(0, tokens);

    /// <summary>Int32 (1, tokens): −1 where a row is not routed to experts.</summary>
    /// <param name="tokens">Rows of the chunk.</param>
    public Tensor Kept(int tokens) => _kept.ColumnRange(0, tokens);

    /// <summary>Sets a sequence of the chunk.</summary>
    /// <param name="stream">Copies.</param>
    /// <param name="first">Its first row.</param>
    /// <param name="ids">Its tokens (length).</param>
    /// <param name="targets">Each token's successor, −1 for none (length); or empty, where there are none.</param>
    /// <param name="routesAllRead">Whether every row is routed whose token lies in the sequence, as where logits are asked for; else those with a target.</param>
    public void Set(IStream stream, int first, ReadOnlySpan<int> ids, ReadOnlySpan<int> targets, bool routesAllRead)
    {
        ArgumentNullException.ThrowIfNull(stream);
        int length = ids.Length;
        if (_hostIds.Length < length)
        {
            (_hostIds, _hostTargets, _hostKept) = (new int[length], new int[length], new int[length]);
        }

        int end = length;
        for (int i = length - 1; i >= 0; i--)
        {
            // The first place from i on without a target.
            end = targets.IsEmpty || targets[i] < 0 ? i : end;
            int place = i + _depth;
            int behind = place == length && !targets.IsEmpty ? Math.Max(targets[^1], 0) : 0;
            _hostIds[i] = place < length ? ids[place] : behind;
            _hostTargets[i] = place < end ? targets[place] : -1;
            _hostKept[i] = routesAllRead && place < length ? 0 : _hostTargets[i];
        }

        Upload(stream, _hostIds, first, length, _ids);
        Upload(stream, _hostTargets, first, length, _targets);
        Upload(stream, _hostKept, first, length, _kept);
    }

    /// <summary>How many targets a module has in a sequence of which every token has one.</summary>
    /// <param name="length">Tokens of the sequence.</param>
    /// <param name="depth">From 1.</param>
    public static int TargetsOf(int length, int depth) => Math.Max(0, length - depth);

    /// <summary>Counts the targets of the main model and of each module in sequences of which every token has one.</summary>
    /// <param name="sequences">How many.</param>
    /// <param name="length">Tokens of a sequence.</param>
    /// <param name="counts">Output: of depth 0, 1, and so on.</param>
    public static void CountFull(int sequences, int length, Span<long> counts)
    {
        counts.Clear();
        AddRun(length, counts);
        for (int depth = 0; depth < counts.Length; depth++)
        {
            counts[depth] *= sequences;
        }
    }

    /// <summary>Adds the targets of a run of places of which each has a successor.</summary>
    /// <param name="length">Places.</param>
    /// <param name="counts">Of depth 0, 1, and so on; added to.</param>
    public static void AddRun(int length, Span<long> counts)
    {
        for (int depth = 0; depth < counts.Length; depth++)
        {
            counts[depth] += TargetsOf(length, depth);
        }
    }

    /// <summary>Adds how many targets the main model and each module have in a sequence.</summary>
    /// <param name="targets">Of its tokens, −1 for none.</param>
    /// <param name="counts">Of depth 0, 1, and so on; added to.</param>
    public static void CountTargets(ReadOnlySpan<int> targets, Span<long> counts)
    {
        while (!targets.IsEmpty)
        {
            int end = targets.IndexOfAnyInRange(int.MinValue, -1);
            int run = end < 0 ? targets.Length : end;
            AddRun(run, counts);
            targets = targets[Math.Min(run + 1, targets.Length)..];
        }
    }

    /// <summary>Counts the targets of the main model and of each module in sequences one after the other.</summary>
    /// <param name="targets">Of their tokens, −1 for none.</param>
    /// <param name="length">Tokens of a sequence.</param>
    /// <param name="counts">Output: of depth 0, 1, and so on.</param>
    public static void CountTargets(ReadOnlySpan<int> targets, int length, Span<long> counts)
    {
        counts.Clear();
        for (int first = 0; first < targets.Length; first += length)
        {
            CountTargets(targets.Slice(first, length), counts);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    private static void Upload(IStream stream, int[] values, int first, int length, Tensor to) =>
        stream.Upload(MemoryMarshal.AsBytes(values.AsSpan(0, length)), to.ColumnRange(first, length));
}
