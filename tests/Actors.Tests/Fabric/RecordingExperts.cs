using Actors.LoadTests.Routing;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>
/// Identity experts that keep what arrived. Backward they return the gradient times a factor that tells the ranks apart, and as a
/// weight's gradient a number that names row and expert.
/// </summary>
internal sealed class RecordingExperts(IBackend backend, GroupShape shape, int rank, Arrival[]?[] arrivals) : IExpertWork
{
    private readonly IdentityExperts _identity = new(backend, rank);

    public IStream Stream => _identity.Stream;

    public static float BackwardFactor(int rank) => 1f + (rank / 8f);

    public static float WeightGradient(float gradient, int localExpert) => (gradient * 3f) + localExpert;

    public void Forward(int exchange, ReceiveWindow window)
    {
        arrivals[exchange]![rank] = new Arrival(
            RowCodec.Read(window.Rows(ExchangePhase.Forward)),
            window.LocalExperts.AsSpan<int>().ToArray(),
            window.Weights.AsSpan<float>().ToArray(),
            [.. Enumerable.Range(0, shape.Ranks).Select(window.RowsFrom)]);
        _identity.Forward(exchange, window);
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

    public void Dispose() => _identity.Dispose();
}

/// <summary>What a shard got in one forward exchange.</summary>
/// <param name="Rows">(rows, Columns).</param>
/// <param name="LocalExperts">(rows, Choices).</param>
/// <param name="Weights">(rows, Choices).</param>
/// <param name="RowsFrom">Rows of each source rank.</param>
internal sealed record Arrival(float[] Rows, int[] LocalExperts, float[] Weights, int[] RowsFrom);
