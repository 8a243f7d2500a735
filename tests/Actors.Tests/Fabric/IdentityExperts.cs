using Actors.Runtime.Fabric;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>
/// Experts that return what they get: forward, a row times the sum of its weights here; backward, the gradient times a factor
/// that tells the ranks apart, and as a weight's gradient a number that names row and expert. What arrived is kept.
/// </summary>
internal sealed class IdentityExperts(IBackend backend, GroupShape shape, int rank, Arrival[]?[] arrivals) : IExpertWork
{
    public IStream Stream { get; } = backend.CreateStream($"experts {rank}");

    public static float BackwardFactor(int rank) => 1f + (rank / 8f);

    public static float WeightGradient(float gradient, int localExpert) => (gradient * 3f) + localExpert;

    /// <summary>One row of partial sums, choice by choice in float32.</summary>
    public static void Partial(ReadOnlySpan<float> row, ReadOnlySpan<int> localExperts, ReadOnlySpan<float> weights, Span<float> sum)
    {
        sum.Clear();
        for (int k = 0; k < weights.Length; k++)
        {
            if (localExperts[k] < 0)
            {
                continue;
            }

            for (int c = 0; c < row.Length; c++)
            {
                sum[c] += weights[k] * row[c];
            }
        }
    }

    public void Forward(int exchange, ReceiveWindow window)
    {
        float[] rows = RowCodec.Read(window.Rows(ExchangePhase.Forward));
        int[] experts = window.LocalExperts.AsSpan<int>().ToArray();
        float[] weights = window.Weights.AsSpan<float>().ToArray();
        var partials = new float[rows.Length];
        for (int r = 0; r < window.TotalRows; r++)
        {
            Partial(
                rows.AsSpan(r * shape.Columns, shape.Columns),
                experts.AsSpan(r * shape.Choices, shape.Choices),
                weights.AsSpan(r * shape.Choices, shape.Choices),
                partials.AsSpan(r * shape.Columns, shape.Columns));
        }

        RowCodec.Write(partials, window.Partials(ExchangePhase.Forward));
        arrivals[exchange]![rank] = new Arrival(rows, experts, weights, [.. Enumerable.Range(0, shape.Ranks).Select(window.RowsFrom)]);
    }

    public void BackwardInput(int exchange, ReceiveWindow window)
    {
        float[] rows = RowCodec.Read(window.Rows(ExchangePhase.Backward));
        int[] experts = arrivals[exchange]![rank].LocalExperts;
        Span<float> gradients = window.WeightGradients.AsSpan<float>();
        var partials = new float[rows.Length];
        for (int r = 0; r < window.TotalRows; r++)
        {
            for (int c = 0; c < shape.Columns; c++)
            {
                partials[(r * shape.Columns) + c] = rows[(r * shape.Columns) + c] * BackwardFactor(rank);
            }

            for (int k = 0; k < shape.Choices; k++)
            {
                int expert = experts[(r * shape.Choices) + k];
                gradients[(r * shape.Choices) + k] = expert < 0 ? 0 : WeightGradient(rows[r * shape.Columns], expert);
            }
        }

        RowCodec.Write(partials, window.Partials(ExchangePhase.Backward));
    }

    public void BackwardWeights(int exchange)
    {
        // Identities have no weights to learn.
    }

    public void Dispose() => Stream.Dispose();
}

/// <summary>What a shard got in one forward exchange.</summary>
/// <param name="Rows">(rows, Columns).</param>
/// <param name="LocalExperts">(rows, Choices).</param>
/// <param name="Weights">(rows, Choices).</param>
/// <param name="RowsFrom">Rows of each source rank.</param>
internal sealed record Arrival(float[] Rows, int[] LocalExperts, float[] Weights, int[] RowsFrom);
