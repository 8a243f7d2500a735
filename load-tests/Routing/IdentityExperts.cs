using System.Diagnostics;
using System.Numerics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Experts;
using Actors.Tensors;

namespace Actors.LoadTests.Routing;

/// <summary>Stands in for the experts: a row comes back times the sum of its weights here, one pass over the rows.</summary>
internal sealed class IdentityExperts(IBackend backend, int rank) : IExpertWork
{
    private Arena? _arena;
    private HostTensor _rows;
    private HostTensor _weights;

    public IStream Stream { get; } = backend.CreateStream($"experts {rank}");

    /// <summary>Time spent here, in ticks of <see cref="Stopwatch"/>.</summary>
    public long Ticks { get; private set; }

    /// <summary>Rows passed on.</summary>
    public long Rows { get; private set; }

    public void Forward(int exchange, ReceiveWindow window)
    {
        long start = Stopwatch.GetTimestamp();
        int count = window.TotalRows;
        Reserve(count);
        ReadOnlySpan<float> weights = window.Weights.AsSpan<float>();
        Span<float> sums = _weights.AsSpan<float>();
        int choices = window.Weights.Columns;
        for (int row = 0; row < count; row++)
        {
            float sum = 0;
            foreach (float weight in weights.Slice(row * choices, choices))
            {
                sum += weight;
            }

            sums[row] = sum;
        }

        Stream.SumRows(
            window.Rows(ExchangePhase.Forward), _rows.RowRange(0, count), _weights.RowRange(0, count), window.Partials(ExchangePhase.Forward));
        Rows += count;
        Ticks += Stopwatch.GetTimestamp() - start;
    }

    public void BackwardInput(int exchange, ReceiveWindow window) =>
        throw new NotSupportedException("The routing load test runs no backward.");

    public void BackwardWeights(int exchange) => throw new NotSupportedException("The routing load test runs no backward.");

    public void Dispose()
    {
        _arena?.Dispose();
        Stream.Dispose();
    }

    private void Reserve(int rows)
    {
        if (_arena is not null && _rows.Rows >= rows)
        {
            return;
        }

        _arena?.Dispose();
        int capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, rows));
        _arena = new Arena(backend, 0, Arena.Plan(capacity, 1, ElementType.Int32) + Arena.Plan(capacity, 1));
        _rows = _arena.TakeHost(capacity, 1, ElementType.Int32);
        _weights = _arena.TakeHost(capacity, 1);
        Span<int> numbers = _rows.AsSpan<int>();
        for (int row = 0; row < capacity; row++)
        {
            numbers[row] = row;
        }
    }
}
