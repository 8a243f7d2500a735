using Actors.Cpu.Simd.Attention;
using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Simd;

/// <summary>Rotary embedding and attention.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void Rope(Tensor x, int heads, Tensor positions, Tensor cos, Tensor sin, bool inverse)
    {
        ShapeChecks.Host.Rope(x, heads, positions, cos, sin);
        int rotated = 2 * cos.Columns;
        int headColumns = x.Columns / heads;
        float* cosines = Reserve(2 * rotated);
        float* sines = cosines + rotated;
        int* position = Ints(positions);
        float* cosRows = Floats(cos);
        float* sinRows = Floats(sin);
        float* xRows = Floats(x);
        for (long row = 0; row < x.Rows; row++)
        {
            RotaryKernel.Spread(
                cosRows + (long)position[row] * cos.RowStride, sinRows + (long)position[row] * sin.RowStride, cos.Columns,
                inverse, cosines, sines);
            float* last = xRows + (row * x.RowStride) + headColumns - rotated;
            for (int head = 0; head < heads; head++)
            {
                RotaryKernel.Rotate(last + head * headColumns, cosines, sines, rotated);
            }
        }
    }

    /// <inheritdoc/>
    public void Attention(
        Tensor q, Tensor kv, Tensor kRope, Tensor sequences, AttentionShape shape, Tensor o, Tensor logSumExp)
    {
        ShapeChecks.Host.Attention(nameof(Attention), q, kv, kRope, sequences, shape, o, logSumExp);
        CausalForward forward = Causal(q, kv, kRope, shape, o, logSumExp);
        float* scratch = Reserve(CausalForward.ScratchFloats(shape, Longest(sequences)));
        int* starts = Ints(sequences);
        for (int i = 0; i < sequences.Columns - 1; i++)
        {
            if (starts[i + 1] > starts[i])
            {
                forward.Run(starts[i], starts[i + 1] - starts[i], scratch);
            }
        }
    }

    /// <inheritdoc/>
    public void AttentionBackward(
        Tensor dO, Tensor q, Tensor kv, Tensor kRope, Tensor o, Tensor logSumExp, Tensor sequences, AttentionShape shape,
        Tensor dq, Tensor dkv, Tensor dkRope)
    {
        ShapeChecks.Host.AttentionBackward(dO, q, kv, kRope, o, logSumExp, sequences, shape, dq, dkv, dkRope);
        var backward = new CausalBackward
        {
            Forward = Causal(q, kv, kRope, shape, o, logSumExp),
            DO = Floats(dO),
            DOStride = dO.RowStride,
            DQ = Floats(dq),
            DQStride = dq.RowStride,
            DKv = Floats(dkv),
            DKvStride = dkv.RowStride,
            DKRope = Floats(dkRope),
            DKRopeStride = dkRope.RowStride,
        };
        float* scratch = Reserve(CausalBackward.ScratchFloats(shape, Longest(sequences)));
        int* starts = Ints(sequences);
        for (int i = 0; i < sequences.Columns - 1; i++)
        {
            if (starts[i + 1] > starts[i])
            {
                backward.Run(starts[i], starts[i + 1] - starts[i], scratch);
            }
        }
    }

    /// <inheritdoc/>
    public void LatentAttention(
        Tensor q, Weight keyValueUp, Tensor cache, Tensor firstRows, Tensor lengths, AttentionShape shape, Tensor o)
    {
        SimdWeight own = Own(keyValueUp);
        ShapeChecks.Host.LatentAttention(q, keyValueUp, cache, firstRows, lengths, shape, o);
        int* length = Ints(lengths);
        int longest = 0;
        for (int i = 0; i < q.Rows; i++)
        {
            longest = Math.Max(longest, length[i]);
        }

        var latent = new LatentDecode
        {
            Q = Floats(q),
            QStride = q.RowStride,
            KeyValueUp = Floats(own.Values),
            Latent = own.Inputs,
            Cache = Floats(cache),
            CacheStride = cache.RowStride,
            O = Floats(o),
            OStride = o.RowStride,
            Shape = shape,
        };
        latent.Run(q.Rows, Ints(firstRows), length, longest, Reserve(latent.ScratchFloats(q.Rows, longest)));
    }

    private static CausalForward Causal(Tensor q, Tensor kv, Tensor kRope, AttentionShape shape, Tensor o, Tensor logSumExp) => new()
    {
        Q = Floats(q),
        QStride = q.RowStride,
        Kv = Floats(kv),
        KvStride = kv.RowStride,
        KRope = Floats(kRope),
        KRopeStride = kRope.RowStride,
        O = Floats(o),
        OStride = o.RowStride,
        LogSumExp = Floats(logSumExp),
        LogSumExpStride = logSumExp.RowStride,
        Shape = shape,
    };

    private static int Longest(Tensor sequences)
    {
        int longest = 0;
        int* starts = Ints(sequences);
        for (int i = 0; i < sequences.Columns - 1; i++)
        {
            longest = Math.Max(longest, starts[i + 1] - starts[i]);
        }

        return longest;
    }
}
