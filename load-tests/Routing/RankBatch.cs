using System.Numerics;
using System.Runtime.InteropServices;
using Actors.Cpu;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.LoadTests.Routing;

/// <summary>One rank's tokens in one exchange: what the gate and the fabric read and write.</summary>
internal sealed class RankBatch
{
    public RankBatch(Arena arena, RoutingOptions options, Random random)
    {
        Rows = arena.Take(options.Tokens, options.Hidden, options.RowType);
        Logits = arena.Take(options.Tokens, options.Experts);
        Scores = arena.Take(options.Tokens, options.Experts);
        Experts = arena.TakeHost(options.Tokens, options.Choices, ElementType.Int32);
        Weights = arena.TakeHost(options.Tokens, options.Choices);
        Combined = arena.Take(options.Tokens, options.Hidden);
        foreach (ref float logit in Logits.AsSpan<float>())
        {
            logit = (random.NextSingle() * 4) - 2;
        }

        FillRows(random);
    }

    /// <summary>(tokens, hidden).</summary>
    public Tensor Rows { get; }

    /// <summary>(tokens, experts).</summary>
    public Tensor Logits { get; }

    /// <summary>(tokens, experts).</summary>
    public Tensor Scores { get; }

    /// <summary>Int32 (tokens, choices).</summary>
    public HostTensor Experts { get; }

    /// <summary>(tokens, choices).</summary>
    public HostTensor Weights { get; }

    /// <summary>Float32 (tokens, hidden).</summary>
    public Tensor Combined { get; }

    /// <summary>Bytes of a batch on the device.</summary>
    public static long Bytes(RoutingOptions options) =>
        Arena.Plan(options.Tokens, options.Hidden, options.RowType) + (2 * Arena.Plan(options.Tokens, options.Experts))
        + Arena.Plan(options.Tokens, options.Hidden);

    /// <summary>Bytes of a batch that the host reads.</summary>
    public static long HostBytes(RoutingOptions options) =>
        Arena.Plan(options.Tokens, options.Choices, ElementType.Int32) + Arena.Plan(options.Tokens, options.Choices);

    /// <summary>The rows as they are stored.</summary>
    public ReadOnlySpan<byte> RowBytes =>
        Rows.Type == ElementType.BFloat16 ? MemoryMarshal.AsBytes(Rows.AsSpan<ushort>()) : MemoryMarshal.AsBytes(Rows.AsSpan<float>());

    /// <summary>Rows that go to some of the ranks; a token goes to a rank once.</summary>
    public long CountRows(GroupShape shape, Func<int, bool> counts)
    {
        long rows = 0;
        for (int token = 0; token < Experts.Rows; token++)
        {
            ulong ranks = 0;
            foreach (int expert in Experts.RowSpan<int>(token))
            {
                int rank = shape.RankOfExpert(expert);
                ranks |= counts(rank) ? 1UL << rank : 0;
            }

            rows += BitOperations.PopCount(ranks);
        }

        return rows;
    }

    /// <summary>Throws unless every token came back as its weight sum times itself.</summary>
    public void Check(int rank)
    {
        bool small = Rows.Type == ElementType.BFloat16;

        // A bfloat16 row is rounded twice on its way (a rank's sum, a node's sum), by at most 2^-8 of itself each; the weights
        // are positive, so the terms' sizes add up to the sum's. The rest is float32: two roundings for each of the choices.
        double relative = (small ? Math.ScaleB(1, -7) + Math.ScaleB(1, -16) : 0) + Math.ScaleB(2 * (Weights.Columns + 2), -24);
        for (int token = 0; token < Rows.Rows; token++)
        {
            double weight = 0;
            foreach (float w in Weights.RowSpan<float>(token))
            {
                weight += w;
            }

            for (int c = 0; c < Rows.Columns; c++)
            {
                double value = small ? BFloat16.ToSingle(Rows.RowSpan<ushort>(token)[c]) : Rows.RowSpan<float>(token)[c];
                double expected = weight * value;
                float actual = Combined.RowSpan<float>(token)[c];
                if (weight == 0 || !(Math.Abs(actual - expected) <= (relative * Math.Abs(expected)) + 1e-30))
                {
                    throw new CheckFailedException($"Rank {rank}, token {token}, element {c}: {actual}, expected {expected}.");
                }
            }
        }
    }

    private void FillRows(Random random)
    {
        for (int token = 0; token < Rows.Rows; token++)
        {
            for (int c = 0; c < Rows.Columns; c++)
            {
                float value = (random.NextSingle() * 2) - 1;
                if (Rows.Type == ElementType.BFloat16)
                {
                    Rows.RowSpan<ushort>(token)[c] = BFloat16.FromSingle(value);
                }
                else
                {
                    Rows.RowSpan<float>(token)[c] = value;
                }
            }
        }
    }
}
