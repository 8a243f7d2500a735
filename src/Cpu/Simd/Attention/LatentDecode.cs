using Actors.Cpu.Simd.Products;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Simd.Attention;

/// <summary>
/// Attention of single query rows over compressed caches. Each cache row is read once for the scores of all heads and once for
/// their averages, so a long cache costs what reading it costs.
/// </summary>
internal unsafe struct LatentDecode
{
    /// <summary>(batch, heads · QueryColumns).</summary>
    public float* Q;
    public nint QStride;

    /// <summary>(heads · KeyValueColumns, latent), contiguous.</summary>
    public float* KeyValueUp;

    /// <summary>Elements of a compressed row without its shared key.</summary>
    public int Latent;

    /// <summary>(cache rows, latent + RopeColumns).</summary>
    public float* Cache;
    public nint CacheStride;

    /// <summary>Output (batch, heads · ValueColumns).</summary>
    public float* O;
    public nint OStride;

    /// <summary>Head sizes.</summary>
    public AttentionShape Shape;

    private readonly int RowColumns => Latent + Shape.RopeColumns;

    private readonly int RowPad => (RowColumns + Lanes.Count - 1) / Lanes.Count * Lanes.Count;

    /// <summary>Floats of scratch memory for caches of at most <paramref name="longest"/> rows.</summary>
    public readonly long ScratchFloats(int longest) =>
        (Shape.Heads * (RowPad + (long)Pad(longest) + RowPad)) + ((long)Math.Max(longest, Shape.NopeColumns) * TileDispatch.PanelColumns)
        + Pad(Shape.Heads);

    /// <summary>Computes all rows of the batch.</summary>
    public readonly void Run(int batch, int* firstRows, int* lengths, int longest, float* scratch)
    {
        float* queries = scratch;                                 // (heads, RowPad)
        float* scores = queries + (Shape.Heads * RowPad);         // (heads, padded length)
        float* averages = scores + (Shape.Heads * (nint)Pad(longest)); // (heads, RowPad)
        float* sums = averages + (Shape.Heads * RowPad);          // (heads)
        float* tail = sums + Pad(Shape.Heads);                    // the last, partial panel
        int scoreStride = Pad(longest);
        for (int row = 0; row < batch; row++)
        {
            float* cache = Cache + firstRows[row] * CacheStride;
            int length = lengths[row];
            for (int head = 0; head < Shape.Heads; head++)
            {
                Absorb(Q + row * QStride + head * Shape.QueryColumns, head, queries + head * RowPad, tail);
            }

            RowDots.Run(queries, RowPad, Shape.Heads, cache, CacheStride, length, RowColumns, scores, scoreStride);
            for (int head = 0; head < Shape.Heads; head++)
            {
                sums[head] = 1 / SoftmaxKernel.Exponentials(scores + head * (nint)scoreStride, length, length, Shape.Scale, out _);
            }

            Average(cache, length, scores, scoreStride, averages, tail);
            for (int head = 0; head < Shape.Heads; head++)
            {
                Expand(averages + head * RowPad, sums[head], head, O + row * OStride + head * Shape.ValueColumns);
            }
        }
    }

    private static int Pad(int count) => (count + Lanes.Count - 1) / Lanes.Count * Lanes.Count;

    /// <summary>One head's query in the latent space, its part with position behind.</summary>
    private readonly void Absorb(float* q, int head, float* query, float* tail)
    {
        Multiply(
            q, 0, 1, KeyValueUp + (nint)head * Shape.KeyValueColumns * Latent, Latent, Shape.NopeColumns, query, RowPad, tail);
        new ReadOnlySpan<float>(q + Shape.NopeColumns, Shape.RopeColumns).CopyTo(new Span<float>(query + Latent, Shape.RopeColumns));
    }

    /// <summary>Σ over the cache of e^score · latent, for all heads.</summary>
    private readonly void Average(float* cache, int length, float* scores, int scoreStride, float* averages, float* tail) =>
        Multiply(scores, scoreStride, Shape.Heads, cache, CacheStride, length, averages, RowPad, tail);

    /// <summary>C (rows, latent) = A · B with B (depth, latent) as it lies in memory.</summary>
    private readonly void Multiply(
        float* a, nint aStride, int rows, float* b, nint bStride, int depth, float* c, nint cStride, float* tail)
    {
        int width = TileDispatch.PanelColumns;
        int rest = Latent % width;
        int tailColumns = PanelPacking.TailColumns(Latent);
        if (rest > 0)
        {
            PanelPacking.CopyColumns(b + (Latent - rest), bStride, rest, depth, tail, tailColumns);
        }

        var product = new Strip
        {
            A = a,
            AStride = aStride,
            B = b,
            BStep = bStride,
            BPanel = width,
            Depth = depth,
            C = c,
            CStride = cStride,
        };
        Strips.Multiply<ByRow>(product, rows, Latent, tail, tailColumns);
    }

    /// <summary>One head's output: the averaged latent times the rows that expand it to values.</summary>
    private readonly void Expand(float* average, float factor, int head, float* o)
    {
        float* up = KeyValueUp + ((nint)head * Shape.KeyValueColumns + Shape.NopeColumns) * Latent;
        RowDots.Run(average, RowPad, 1, up, Latent, Shape.ValueColumns, Latent, o, Shape.ValueColumns);
        for (int i = 0; i < Shape.ValueColumns; i++)
        {
            o[i] *= factor;
        }
    }
}
