using System.Runtime.InteropServices;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Pipeline.Exchanges;
using Actors.Tensors;

namespace Actors.LoadTests.Routing.Devices;

/// <summary>
/// Stands in for a rank's experts on its device: a row comes back times the sum of its weights here, those of other ranks' choices being 0. One pass over the rows that
/// have come, behind a short one over their weights.
/// </summary>
internal sealed class DeviceIdentityExperts : IExpertWork, IExchangeShard
{
    private readonly IReadOnlyList<IStream> _streams;
    private readonly Tensor _numbers;
    private readonly Tensor[] _sums;
    private readonly ReceivedRows[] _rows;

    /// <summary>Makes the experts of a rank.</summary>
    /// <param name="streams">The rank's, by exchange.</param>
    /// <param name="numbers">Int32 (rows of a window · K, 1): 0, 1, 2 and so on, see <see cref="Number"/>.</param>
    /// <param name="sums">Scratch (rows of a window, 1), by exchange.</param>
    public DeviceIdentityExperts(IReadOnlyList<IStream> streams, Tensor numbers, Tensor[] sums) =>
        (_streams, _numbers, _sums, _rows) = (streams, numbers, sums, new ReceivedRows[streams.Count]);

    public IStream Stream => _streams[0];

    /// <summary>The stage goes on on the same stream.</summary>
    public bool IsOrdered => true;

    /// <summary>Fills a tensor with 0, 1, 2 and so on: sums of rows take row numbers, and here each row is summed with itself alone.</summary>
    public static void Number(IStream stream, Tensor numbers) =>
        stream.Upload(MemoryMarshal.AsBytes<int>(Enumerable.Range(0, numbers.Rows).ToArray()), numbers);

    public void Set(int exchange, ReceivedRows rows) => _rows[exchange] = rows;

    public void Set(int exchange, ReceivedGradients gradients) => throw new NotSupportedException("The routing load test runs no backward.");

    public void Forward(int exchange, ReceiveWindow window)
    {
        ReceivedRows received = _rows[exchange];
        (int rows, int choices) = (received.Weights.Rows, received.Weights.Columns);
        Tensor sums = _sums[exchange].RowRange(0, rows);
        IStream stream = _streams[exchange];
        stream.SumRows(
            received.Weights.Reshape(rows * choices, 1), _numbers.RowRange(0, rows * choices).Reshape(rows, choices), weights: default, sums, received.Live);
        stream.SumRows(received.Rows, _numbers.RowRange(0, rows), sums, received.Partials, received.Live);
    }

    public void BackwardInput(int exchange, ReceiveWindow window) => throw new NotSupportedException("The routing load test runs no backward.");

    public void BackwardWeights(int exchange) => throw new NotSupportedException("The routing load test runs no backward.");

    /// <summary>Nothing is kept.</summary>
    public void Release(int exchange)
    {
    }

    /// <summary>All that it uses is the plane's.</summary>
    public void Dispose()
    {
    }
}
