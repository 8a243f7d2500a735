using System.Runtime.InteropServices;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// Cosines and sines of rotary embedding for every position, plain or with YaRN (Peng et al. 2023) as Hugging Face's
/// <c>deepseek_v3</c> computes them: frequencies between <c>beta_fast</c> and <c>beta_slow</c> turns are interpolated,
/// cosines and sines are multiplied by the attention factor.
/// </summary>
public sealed class RopeTables : IDisposable
{
    private readonly DeviceBuffer _buffer;

    /// <summary>Computes the tables of the first <paramref name="positions"/> positions.</summary>
    public RopeTables(IBackend backend, IStream stream, ModelConfig config, int positions)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfLessThan(positions, 1);
        if (positions > config.MaxPositions)
        {
            throw new ModelConfigException(
                "max_position_embeddings", $"{config.MaxPositions} is less than the {positions} positions asked for: shorten the sequences");
        }

        int pairs = config.RopeHeadSize / 2;
        _buffer = backend.Allocate(BytesOf(config, positions));
        Cos = new Tensor(_buffer, 0, positions, pairs, pairs, ElementType.Float32);
        Sin = new Tensor(_buffer, (long)positions * pairs, positions, pairs, pairs, ElementType.Float32);
        float[] frequencies = Frequencies(config.Rope, config.RopeHeadSize);
        float factor = (float)AttentionFactor(config.Rope);
        var cos = new float[positions * pairs];
        var sin = new float[positions * pairs];
        for (int position = 0; position < positions; position++)
        {
            for (int i = 0; i < pairs; i++)
            {
                // The angle is rounded to float32 first: with the reference it is one float32 product.
                (double s, double c) = Math.SinCos(position * frequencies[i]);
                cos[position * pairs + i] = (float)c * factor;
                sin[position * pairs + i] = (float)s * factor;
            }
        }

        stream.Upload(MemoryMarshal.AsBytes<float>(cos), Cos);
        stream.Upload(MemoryMarshal.AsBytes<float>(sin), Sin);
    }

    /// <summary>Bytes of both tables of so many positions.</summary>
    public static long BytesOf(ModelConfig config, int positions)
    {
        ArgumentNullException.ThrowIfNull(config);
        return 2L * positions * (config.RopeHeadSize / 2) * sizeof(float);
    }

    /// <summary>(positions, rope / 2).</summary>
    public Tensor Cos { get; }

    /// <summary>(positions, rope / 2).</summary>
    public Tensor Sin { get; }

    /// <summary>Number of positions.</summary>
    public int Positions => Cos.Rows;

    /// <summary>The head sizes and the softmax scale: (query head size)^−½, times mscale² where YaRN sets <c>mscale_all_dim</c>.</summary>
    public static Tensors.Operations.AttentionShape ShapeOf(ModelConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        double scale = 1 / Math.Sqrt(config.QueryHeadSize);
        if (config.Rope.Yarn is { MscaleAllDim: { } mscale } yarn)
        {
            double m = Mscale(yarn.Factor, mscale);
            scale *= m * m;
        }

        return new Tensors.Operations.AttentionShape(config.Heads, config.NopeHeadSize, config.RopeHeadSize, config.ValueHeadSize, (float)scale);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    /// <summary>Radians a position, of each pair.</summary>
    internal static float[] Frequencies(RopeConfig rope, int columns)
    {
        var frequencies = new float[columns / 2];
        (double low, double high) = rope.Yarn is { } y ? CorrectionRange(rope.Theta, y, columns) : default;
        for (int i = 0; i < frequencies.Length; i++)
        {
            double plain = Math.Pow(rope.Theta, -2.0 * i / columns);
            double ramp = rope.Yarn is null ? 0 : Math.Clamp((i - low) / (high - low), 0, 1);
            frequencies[i] = (float)(plain * (1 - ramp) + plain / (rope.Yarn?.Factor ?? 1) * ramp);
        }

        return frequencies;
    }

    /// <summary>Factor of cosines and sines.</summary>
    internal static double AttentionFactor(RopeConfig rope) => rope.Yarn switch
    {
        null => 1,
        { AttentionFactor: { } factor } => factor,
        { Mscale: { } mscale, MscaleAllDim: { } all } yarn => Mscale(yarn.Factor, mscale) / Mscale(yarn.Factor, all),
        { } yarn => Mscale(yarn.Factor, 1),
    };

    private static double Mscale(double factor, double mscale) => factor <= 1 ? 1 : 0.1 * mscale * Math.Log(factor) + 1;

    /// <summary>The pairs between which frequencies go over from kept to interpolated.</summary>
    private static (double Low, double High) CorrectionRange(double theta, YarnConfig yarn, int columns)
    {
        double low = Math.Max(Math.Floor(PairOf(yarn.BetaFast)), 0);
        double high = Math.Min(Math.Ceiling(PairOf(yarn.BetaSlow)), columns - 1);
        return low == high ? (low, high + 0.001) : (low, high);

        double PairOf(double turns) =>
            columns * Math.Log(yarn.OriginalMaxPositions / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
    }
}
