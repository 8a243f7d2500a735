using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>
/// Keeps what arrived. A row comes back times the sum of its weights here, a gradient times a factor that tells the ranks apart, and as a
/// weight's gradient comes a number that names row and expert.
/// </summary>
internal sealed class RecordingExperts(IBackend backend, GroupShape shape, int rank, Arrival[]?[] arrivals) : IExpertWork
{
    public IStream Stream { get; } = backend.CreateStream($"experts {rank}");

    public static float BackwardFactor(int rank) => 1f + (rank / 8f);

    public static float WeightGradient(float gradient, int localExpert) => (gradient * 3f) + localExpert;

    public void Forward(int exchange, ReceiveWindow window)
    {
        var arrival = new Arrival(
            RowCodec.Read(window.Rows(ExchangePhase.Forward)),
            window.LocalExperts.AsSpan<int>().ToArray(),
            window.Weights.AsSpan<float>().ToArray(),
            [.. Enumerable.Range(0, shape.Ranks).Select(window.RowsFrom)]);
        arrivals[exchange]![rank] = arrival;
        Return(window, ExchangePhase.Forward, arrival.Rows, r =>
        {
            float sum = 0;
            foreach (float weight in arrival.Weights.AsSpan(r * shape.Choices, shape.Choices))
            {
                sum += weight;
            }

            return sum;
        });
    }

    public void BackwardInput(int exchange, ReceiveWindow window)
    {
        float[] rows = RowCodec.Read(window.Rows(ExchangePhase.Backward));
        int[] experts = arrivals[exchange]![rank].LocalExperts;
        Span<float> gradients = window.WeightGradients.AsSpan<float>();
        for (int i = 0; i < window.TotalRows * shape.Choices; i++)
        {
            gradients[i] = experts[i] < 0 ? 0 : WeightGradient(rows[i / shape.Choices * shape.Columns], experts[i]);
        }

        Return(window, ExchangePhase.Backward, rows, _ => BackwardFactor(rank));
    }

    public void BackwardWeights(int exchange)
    {
        // Identities have no weights to learn.
    }

    public void Dispose() => Stream.Dispose();

    private void Return(ReceiveWindow window, ExchangePhase phase, float[] rows, Func<int, float> factor)
    {
        var partials = new float[rows.Length];
        for (int r = 0; r < window.TotalRows; r++)
        {
            float times = factor(r);
            for (int c = 0; c < shape.Columns; c++)
            {
                partials[(r * shape.Columns) + c] = rows[(r * shape.Columns) + c] * times;
            }
        }

        RowCodec.Write(partials, window.Partials(phase));
    }
}

/// <summary>What a shard got in one forward exchange.</summary>
/// <param name="Rows">(rows, Columns).</param>
/// <param name="LocalExperts">(rows, Choices).</param>
/// <param name="Weights">(rows, Choices).</param>
/// <param name="RowsFrom">Rows of each source rank.</param>
internal sealed record Arrival(float[] Rows, int[] LocalExperts, float[] Weights, int[] RowsFrom);
