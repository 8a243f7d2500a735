using Actors.Cpu.Simd.Products;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Simd.Attention;

/// <summary>
/// Attention of single query rows over compressed caches. Each cache row is read once for the scores of all heads and once for
/// their averages, so a long cache costs what reading it costs.
/// </summary>
internal unsafe struct LatentDecode
{
    /// <summary>Rows of the right matrix that are multiplied at a time.</summary>
    private const int StepsHeld = 64;

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

    /// <summary>Floats of scratch for <paramref name="batch"/> rows and caches of at most <paramref name="longest"/> rows.</summary>
    public readonly long ScratchFloats(int batch, int longest) =>
        ((long)batch * Shape.Heads * ((2 * RowPad) + 1)) + (Shape.Heads * (long)Pad(longest)) + (StepsHeld * TileDispatch.PanelColumns);

    /// <summary>
    /// Computes all rows of the batch. The weight is passed twice for all of them, to absorb queries and to expand averages;
    /// between, each row passes over its own cache.
    /// </summary>
    public readonly void Run(int batch, int* firstRows, int* lengths, int longest, float* scratch)
    {
        int heads = Shape.Heads;
        float* tail = scratch;                                             // the last panel, where it does not fill its vectors
        float* queries = tail + StepsHeld * TileDispatch.PanelColumns;     // (batch, heads, RowPad)
        float* averages = queries + (nint)batch * heads * RowPad;          // (batch, heads, RowPad)
        float* scores = averages + (nint)batch * heads * RowPad;           // (heads, padded length)
        float* factors = scores + heads * (nint)Pad(longest);              // (batch, heads)
        for (int head = 0; head < heads; head++)
        {
            Absorb(batch, head, queries + head * RowPad, tail);
        }

        for (int row = 0; row < batch; row++)
        {
            nint first = (nint)row * heads;
            Attend(
                Cache + firstRows[row] * CacheStride, lengths[row], queries + first * RowPad, scores, averages + first * RowPad,
                factors + first, tail);
        }

        for (int head = 0; head < heads; head++)
        {
            Expand(batch, averages + head * RowPad, factors + head, head);
        }
    }

    private static int Pad(int count) => (count + Lanes.Count - 1) / Lanes.Count * Lanes.Count;

    /// <summary>One head's queries in the latent space, their parts with position behind.</summary>
    private readonly void Absorb(int batch, int head, float* queries, float* tail)
    {
        float* q = Q + head * Shape.QueryColumns;
        nint stride = Shape.Heads * (nint)RowPad;
        float* up = KeyValueUp + (nint)head * Shape.KeyValueColumns * Latent;
        Multiply(q, QStride, batch, up, Latent, Shape.NopeColumns, queries, stride, tail);
        for (int row = 0; row < batch; row++)
        {
            Lanes.Copy(q + row * QStride + Shape.NopeColumns, queries + row * stride + Latent, Shape.RopeColumns, Shape.RopeColumns);
        }
    }

    /// <summary>One row's scores against its cache; for each head Σ e^score · latent with the factor that makes it an average.</summary>
    private readonly void Attend(float* cache, int length, float* queries, float* scores, float* averages, float* factors, float* tail)
    {
        int stride = Pad(length);
        RowDots.Run(queries, RowPad, Shape.Heads, cache, CacheStride, length, RowColumns, scores, stride);
        for (int head = 0; head < Shape.Heads; head++)
        {
            factors[head] = 1 / SoftmaxKernel.Exponentials(scores + head * (nint)stride, length, length, Shape.Scale, out _);
        }

        Multiply(scores, stride, Shape.Heads, cache, CacheStride, length, averages, RowPad, tail);
    }

    /// <summary>
    /// C (rows, latent) = A · B with B (depth, latent) as it lies in memory, some of its rows at a time: they stay in the
    /// second-level cache while the panels pass over them.
    /// </summary>
    private readonly void Multiply(
        float* a, nint aStride, int rows, float* b, nint bStride, int depth, float* c, nint cStride, float* tail)
    {
        var product = new Strip
        {
            A = a,
            AStride = aStride,
            B = b,
            BStep = bStride,
            BPanel = TileDispatch.PanelColumns,
            C = c,
            CStride = cStride,
        };
        for (int step = 0; step < depth; step += StepsHeld)
        {
            int steps = Math.Min(StepsHeld, depth - step);
            var right = RightMatrix.InPlace(product.B, bStride, Latent, steps, tail);
            product.Depth = steps;
            product.Accumulate = step > 0;
            Strips.Multiply<ByRow>(product, rows, Latent, (float*)right.Tail, right.TailStep);
            product.A += steps;
            product.B += steps * bStride;
        }
    }

    /// <summary>One head's outputs: the averaged latents times the rows that expand them to values.</summary>
    private readonly void Expand(int batch, float* averages, float* factors, int head)
    {
        float* up = KeyValueUp + ((nint)head * Shape.KeyValueColumns + Shape.NopeColumns) * Latent;
        float* o = O + head * Shape.ValueColumns;
        RowDots.Run(averages, Shape.Heads * (nint)RowPad, batch, up, Latent, Shape.ValueColumns, Latent, o, OStride);
        for (int row = 0; row < batch; row++)
        {
            float factor = factors[row * (nint)Shape.Heads];
            for (int i = 0; i < Shape.ValueColumns; i++)
            {
                o[row * OStride + i] *= factor;
            }
        }
    }
}
