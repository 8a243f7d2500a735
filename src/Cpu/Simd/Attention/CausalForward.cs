using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Actors.Cpu.Simd.Products;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Simd.Attention;

/// <summary>
/// Causal attention of one sequence. A strip of queries at a time: its scores against all keys that it sees fit into the caches
/// even for thousands of keys, so the softmax needs no second pass and its order depends on the row's position alone.
/// </summary>
internal unsafe struct CausalForward
{
    /// <summary>(rows, heads · QueryColumns).</summary>
    public float* Q;
    public nint QStride;

    /// <summary>(rows, heads · KeyValueColumns).</summary>
    public float* Kv;
    public nint KvStride;

    /// <summary>(rows, RopeColumns).</summary>
    public float* KRope;
    public nint KRopeStride;

    /// <summary>Output (rows, heads · ValueColumns).</summary>
    public float* O;
    public nint OStride;

    /// <summary>Output (rows, heads), or null.</summary>
    public float* LogSumExp;
    public nint LogSumExpStride;

    /// <summary>Head sizes.</summary>
    public AttentionShape Shape;

    /// <summary>Floats of scratch memory for sequences of at most <paramref name="longest"/> rows.</summary>
    public static long ScratchFloats(AttentionShape shape, int longest)
    {
        var plan = new HeadPlan(shape, longest, Strips.HeldRows);
        return (long)plan.KeyPad * (shape.QueryColumns + plan.ValuePad + plan.QueryBlock) + (plan.QueryBlock * plan.ValuePad);
    }

    /// <summary>Computes rows <paramref name="start"/> .. <paramref name="start"/> + <paramref name="rows"/> − 1.</summary>
    public readonly void Run(int start, int rows, float* scratch)
    {
        var plan = new HeadPlan(Shape, rows, Strips.HeldRows);
        float* keys = scratch;
        float* values = keys + (long)plan.KeyPad * Shape.QueryColumns;
        float* scores = values + (long)plan.KeyPad * plan.ValuePad;
        float* outputs = scores + (long)plan.KeyPad * plan.QueryBlock;
        for (int head = 0; head < Shape.Heads; head++)
        {
            float* key = Kv + start * KvStride + head * Shape.KeyValueColumns;
            HeadPacking.Keys(key, KvStride, KRope + start * KRopeStride, KRopeStride, rows, Shape, keys);
            HeadPacking.Rows(key + Shape.NopeColumns, KvStride, rows, Shape.ValueColumns, values, plan.ValuePad);
            var strips = EvenCut.AtMost(rows, plan.QueryBlock);
            int row = 0;
            for (int strip = 0; strip < strips.Count; strip++)
            {
                int height = strips[strip];
                Block(plan, head, start, row, height, keys, values, scores, outputs);
                row += height;
            }
        }
    }

    /// <summary>Queries <paramref name="row"/> .. <paramref name="row"/> + <paramref name="height"/> − 1 of the sequence.</summary>
    private readonly void Block(
        in HeadPlan plan, int head, int start, int row, int height, float* keys, float* values, float* scores, float* outputs)
    {
        int seen = row + height;
        int width = TileDispatch.PanelColumns;
        var product = new Strip
        {
            A = Q + (start + row) * QStride + head * Shape.QueryColumns,
            AStride = QStride,
            B = keys,
            BStep = width,
            BPanel = (nint)width * Shape.QueryColumns,
            Depth = Shape.QueryColumns,
            C = scores,
            CStride = plan.KeyPad,
        };
        HeadPacking.Multiply(product, height, seen);

        float* sums = stackalloc float[Lanes.Count];
        float* largest = stackalloc float[Lanes.Count];
        for (int i = 0; i < height; i++)
        {
            sums[i] = SoftmaxKernel.Exponentials(scores + i * (nint)plan.KeyPad, row + i + 1, seen, Shape.Scale, out largest[i]);
        }

        if (LogSumExp is not null)
        {
            float* result = LogSumExp + (start + row) * LogSumExpStride + head;
            (Vector512.Load(largest) + Vector512.Log(Vector512.Load(sums))).Store(largest);
            for (int i = 0; i < height; i++)
            {
                result[i * LogSumExpStride] = largest[i];
            }
        }

        var average = new Strip
        {
            A = scores,
            AStride = plan.KeyPad,
            B = values,
            BStep = plan.ValuePad,
            BPanel = width,
            Depth = seen,
            C = outputs,
            CStride = plan.ValuePad,
        };
        int whole = plan.ValuePad / width * width;
        Strips.Multiply<ByRow>(average, height, plan.ValuePad, values + whole, plan.ValuePad);
        for (int i = 0; i < height; i++)
        {
            Scale(
                outputs + i * plan.ValuePad, 1 / sums[i], O + (start + row + i) * OStride + head * Shape.ValueColumns, Shape.ValueColumns);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Scale(float* x, float factor, float* y, int columns)
    {
        for (int i = 0; i < columns; i += Lanes.Count)
        {
            Lanes.Store(Vector512.Load(x + i) * Vector512.Create(factor), y + i, columns - i);
        }
    }
}
