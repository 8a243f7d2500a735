using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Actors.Cpu.Simd.Products;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Simd.Attention;

/// <summary>
/// Gradients of causal attention of one sequence, head after head. The probabilities are computed again from the saved
/// log-sum-exp; sums over queries run in order of rows, those over heads in order of heads.
/// </summary>
internal unsafe struct CausalBackward
{
    /// <summary>
    /// Strips of query rows whose probabilities are held at a time: a few, so that little of the upper triangle is multiplied,
    /// more in long sequences, where the triangle is small and writing the keys' gradients back costs more.
    /// </summary>
    private static int StripsHeld(int rows) => rows <= 256 ? 3 : 4;

    /// <summary>What a head reads is asked for ahead where that leaves most of a second-level cache to the head before.</summary>
    private const int PrefetchedFloats = 64 * 1024;

    /// <summary>The forward's tensors; its outputs are read.</summary>
    public CausalForward Forward;

    /// <summary>(rows, heads · ValueColumns).</summary>
    public float* DO;
    public nint DOStride;

    /// <summary>Output, like q.</summary>
    public float* DQ;
    public nint DQStride;

    /// <summary>Output, like kv.</summary>
    public float* DKv;
    public nint DKvStride;

    /// <summary>Output, like kRope.</summary>
    public float* DKRope;
    public nint DKRopeStride;

    /// <summary>Floats of scratch memory for sequences of at most <paramref name="longest"/> rows.</summary>
    public static long ScratchFloats(AttentionShape shape, int longest)
    {
        HeadPlan plan = Plan(shape, longest);
        return (long)plan.KeyPad * (shape.QueryColumns + shape.ValueColumns + (2 * plan.QueryPad) + plan.ValuePad + (2 * plan.QueryBlock))
            + ((long)plan.QueryBlock * (plan.QueryPad + plan.ValuePad)) + (Strips.HeldRows * plan.QueryPad)
            + ((long)longest * shape.Heads);
    }

    /// <summary>Gradients of rows <paramref name="start"/> .. <paramref name="start"/> + <paramref name="rows"/> − 1.</summary>
    public readonly void Run(int start, int rows, float* scratch)
    {
        AttentionShape shape = Forward.Shape;
        HeadPlan plan = Plan(shape, rows);
        var head = default(Head);
        head.KeyPanels = scratch;
        head.ValuePanels = head.KeyPanels + (long)plan.KeyPad * shape.QueryColumns;
        head.KeyRows = head.ValuePanels + (long)plan.KeyPad * shape.ValueColumns;
        head.DKeys = head.KeyRows + (long)plan.KeyPad * plan.QueryPad;
        head.DValues = head.DKeys + (long)plan.KeyPad * plan.QueryPad;
        head.Probabilities = head.DValues + (long)plan.KeyPad * plan.ValuePad;
        head.DScores = head.Probabilities + (long)plan.KeyPad * plan.QueryBlock;
        head.QueryRows = head.DScores + (long)plan.KeyPad * plan.QueryBlock;
        head.DORows = head.QueryRows + (long)plan.QueryBlock * plan.QueryPad;
        head.DQueries = head.DORows + (long)plan.QueryBlock * plan.ValuePad;
        head.Deltas = head.DQueries + Strips.HeldRows * plan.QueryPad;
        Prefetch(0, start, rows);
        Deltas(start, rows, head.Deltas);
        for (head.Index = 0; head.Index < shape.Heads; head.Index++)
        {
            if (head.Index + 1 < shape.Heads)
            {
                Prefetch(head.Index + 1, start, rows);
            }

            float* key = Forward.Kv + start * Forward.KvStride + head.Index * shape.KeyValueColumns;
            float* rope = Forward.KRope + start * Forward.KRopeStride;
            HeadPacking.Keys(key, Forward.KvStride, rope, Forward.KRopeStride, rows, shape, head.KeyPanels);
            HeadPacking.KeyRows(key, Forward.KvStride, rope, Forward.KRopeStride, rows, shape, head.KeyRows, plan.QueryPad);
            HeadPacking.Transposed(key + shape.NopeColumns, Forward.KvStride, rows, shape.ValueColumns, head.ValuePanels);
            var blocks = EvenCut.AtMost(rows, plan.QueryBlock);
            int row = 0;
            for (int block = 0; block < blocks.Count; block++)
            {
                int height = blocks[block];
                Block(plan, head, start, row, height);
                row += height;
            }

            Finish(plan, head, start, rows);
        }
    }

    /// <summary>Asks for a head's columns of what the forward left: a few lines of each of many rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Prefetch(int head, int start, int rows)
    {
        AttentionShape shape = Forward.Shape;
        if ((long)rows * (shape.QueryColumns + shape.KeyValueColumns) > PrefetchedFloats)
        {
            return;
        }

        CacheLine.Prefetch(
            Forward.Q + start * Forward.QStride + head * shape.QueryColumns, Forward.QStride, rows, shape.QueryColumns);
        CacheLine.Prefetch(
            Forward.Kv + start * Forward.KvStride + head * shape.KeyValueColumns, Forward.KvStride, rows, shape.KeyValueColumns);
    }

    /// <summary>
    /// Σ over a head's columns of its output times that output's gradient, which a softmax's gradient subtracts: for all heads
    /// at once, so that both are read from end to end.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Deltas(int start, int rows, float* deltas)
    {
        AttentionShape shape = Forward.Shape;
        for (int row = start; row < start + rows; row++)
        {
            for (int head = 0; head < shape.Heads; head++)
            {
                int column = head * shape.ValueColumns;
                *deltas++ = Lanes.Dot(DO + row * DOStride + column, Forward.O + row * Forward.OStride + column, shape.ValueColumns);
            }
        }
    }

    private static HeadPlan Plan(AttentionShape shape, int longest) => new(shape, longest, StripsHeld(longest) * Strips.HeldRows);

    /// <summary>Adds what a block of queries gives to the keys' and values' gradients, and writes the queries' gradients.</summary>
    private readonly void Block(in HeadPlan plan, in Head head, int start, int row, int height)
    {
        AttentionShape shape = Forward.Shape;
        int seen = row + height;
        float* q = Forward.Q + (start + row) * Forward.QStride + head.Index * shape.QueryColumns;
        float* dO = DO + (start + row) * DOStride + head.Index * shape.ValueColumns;
        HeadRows queries = HeadRows.Of(q, Forward.QStride, height, shape.QueryColumns, head.QueryRows, plan.QueryPad);
        HeadRows gradients = HeadRows.Of(dO, DOStride, height, shape.ValueColumns, head.DORows, plan.ValuePad);
        var strips = EvenCut.AtMost(height, Strips.HeldRows);
        int first = 0;
        for (int strip = 0; strip < strips.Count; strip++)
        {
            int stripRows = strips[strip];
            QueryStrip(plan, head, queries, gradients, start, row, first, stripRows, seen);
            first += stripRows;
        }

        Outer(head.DScores, plan.KeyPad, queries, plan.QueryPad, row, height, head.DKeys);
        Outer(head.Probabilities, plan.KeyPad, gradients, plan.ValuePad, row, height, head.DValues);
    }

    /// <summary>Probabilities, gradients of scores and of queries for one strip of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void QueryStrip(
        in HeadPlan plan, in Head head, HeadRows queries, HeadRows gradients, int start, int row, int first, int height, int seen)
    {
        AttentionShape shape = Forward.Shape;
        int width = TileDispatch.PanelColumns;
        int own = row + first + height;
        float* probabilities = head.Probabilities + first * (nint)plan.KeyPad;
        float* dScores = head.DScores + first * (nint)plan.KeyPad;
        var product = new Strip
        {
            A = queries.First + first * queries.Stride,
            AStride = queries.Stride,
            B = head.KeyPanels,
            BStep = width,
            BPanel = (nint)width * shape.QueryColumns,
            Depth = shape.QueryColumns,
            C = probabilities,
            CStride = plan.KeyPad,
        };
        HeadPacking.Multiply(product, height, own);
        product.A = gradients.First + first * gradients.Stride;
        product.AStride = gradients.Stride;
        product.B = head.ValuePanels;
        product.BPanel = (nint)width * shape.ValueColumns;
        product.Depth = shape.ValueColumns;
        product.C = dScores;
        HeadPacking.Multiply(product, height, own);
        for (int i = 0; i < height; i++)
        {
            int at = row + first + i;
            Scores(
                probabilities + i * (nint)plan.KeyPad, dScores + i * (nint)plan.KeyPad, at + 1, seen, shape.Scale,
                Forward.LogSumExp[(long)(start + at) * Forward.LogSumExpStride + head.Index], head.Deltas[at * (nint)shape.Heads + head.Index]);
        }

        product.A = dScores;
        product.AStride = plan.KeyPad;
        product.B = head.KeyRows;
        product.BStep = plan.QueryPad;
        product.BPanel = width;
        product.Depth = own;
        float* dQ = DQ + (start + row + first) * DQStride + head.Index * shape.QueryColumns;
        bool whole = plan.QueryPad == shape.QueryColumns;
        product.C = whole ? dQ : head.DQueries;
        product.CStride = whole ? DQStride : plan.QueryPad;
        Strips.Multiply<ByRow>(product, height, plan.QueryPad, head.KeyRows + (plan.QueryPad / width * width), plan.QueryPad);
        for (int i = 0; i < height && !whole; i++)
        {
            Lanes.Copy(head.DQueries + i * plan.QueryPad, dQ + i * DQStride, shape.QueryColumns, shape.QueryColumns);
        }
    }

    /// <summary>
    /// sum[key] += Σ over queries <paramref name="row"/> .. <paramref name="row"/> + <paramref name="height"/> − 1, in order, of
    /// left[query, key] · right[query]. Queries before all keys of a strip have zeros there and are passed over; keys of the block
    /// itself have no sum yet.
    /// </summary>
    private static void Outer(float* left, int leftStride, HeadRows right, int pad, int row, int height, float* sum)
    {
        var product = new Strip
        {
            A = left,
            AStride = leftStride,
            B = right.First,
            BStep = right.Stride,
            BPanel = TileDispatch.PanelColumns,
            Depth = height,
            C = sum,
            CStride = pad,
            Accumulate = true,
        };
        int whole = pad / TileDispatch.PanelColumns * TileDispatch.PanelColumns;
        Strips.Multiply<ByStep>(product, row, pad, product.B + whole, right.Stride);
        product.Accumulate = false;
        for (int passed = 0; passed < height; passed += Strips.HeldRows)
        {
            int keys = Math.Min(Strips.HeldRows, height - passed);
            product.A = left + passed * (nint)leftStride + row + passed;
            product.B = right.First + passed * right.Stride;
            product.Depth = height - passed;
            product.C = sum + (row + passed) * (nint)pad;
            Strips.Multiply<ByStep>(product, keys, pad, product.B + whole, right.Stride);
        }
    }

    /// <summary>In place: scores to probabilities p, their gradients to p · (gradient − delta) · scale; zeros from count to end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Scores(float* scores, float* gradients, int count, int end, float scale, float logSumExp, float delta)
    {
        Vector512<float> scales = Vector512.Create(scale);
        Vector512<float> shift = Vector512.Create(-logSumExp);
        Vector512<float> deltas = Vector512.Create(delta);
        int i = 0;
        for (; i < count; i += Lanes.Count)
        {
            Vector512<float> p = Exponential.Exp(Vector512.FusedMultiplyAdd(Vector512.Load(scores + i), scales, shift));
            Vector512<float> d = p * (Vector512.Load(gradients + i) - deltas) * scales;
            if (i > count - Lanes.Count)
            {
                Vector512<float> inside = Lanes.Before(count - i);
                p = Vector512.ConditionalSelect(inside, p, Vector512<float>.Zero);
                d = Vector512.ConditionalSelect(inside, d, Vector512<float>.Zero);
            }

            p.Store(scores + i);
            d.Store(gradients + i);
        }

        for (; i < end; i += Lanes.Count)
        {
            Vector512<float>.Zero.Store(scores + i);
            Vector512<float>.Zero.Store(gradients + i);
        }
    }

    /// <summary>Copies the head's summed gradients out; the shared key's are added to those of the heads before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private readonly void Finish(in HeadPlan plan, in Head head, int start, int rows)
    {
        AttentionShape shape = Forward.Shape;
        for (int row = 0; row < rows; row++)
        {
            float* dKey = head.DKeys + row * (nint)plan.QueryPad;
            float* dKv = DKv + (start + row) * DKvStride + head.Index * shape.KeyValueColumns;
            float* dRope = DKRope + (start + row) * DKRopeStride;
            Lanes.Copy(dKey, dKv, shape.NopeColumns, shape.NopeColumns);
            Lanes.Copy(
                head.DValues + row * (nint)plan.ValuePad, dKv + shape.NopeColumns, shape.ValueColumns, shape.ValueColumns);
            if (head.Index == 0)
            {
                Lanes.Copy(dKey + shape.NopeColumns, dRope, shape.RopeColumns, shape.RopeColumns);
            }
            else
            {
                Lanes.Add(dKey + shape.NopeColumns, dRope, shape.RopeColumns);
            }
        }
    }

    /// <summary>One head's scratch memory.</summary>
    private struct Head
    {
        public int Index;
        public float* KeyPanels;     // panels (keys / panel columns, QueryColumns, panel columns)
        public float* ValuePanels;   // panels (keys / panel columns, ValueColumns, panel columns)
        public float* KeyRows;       // (keys, QueryPad)
        public float* DKeys;         // (keys, QueryPad)
        public float* DValues;       // (keys, ValuePad)
        public float* Probabilities; // (QueryBlock, KeyPad)
        public float* DScores;       // (QueryBlock, KeyPad)
        public float* QueryRows;     // (QueryBlock, QueryPad), where queries do not fill whole vectors
        public float* DORows;        // (QueryBlock, ValuePad), likewise
        public float* DQueries;      // (strip rows, QueryPad), where queries do not fill whole vectors
        public float* Deltas;        // (rows, heads)
    }
}
