using Actors.Gpu.Operations;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>Moves, fills and sums.</summary>
internal sealed partial class CudaStream
{
    /// <inheritdoc/>
    public void Zero(Tensor x)
    {
        Checks.Zero(x);
        if (x.Count == 0)
        {
            return;
        }

        if (x.IsContiguous)
        {
            Queue.Fill((nuint)x.Pointer, 0, x.Count * x.Type.SizeInBytes());
        }
        else
        {
            _kernels.Moves.Zero(Queue, x);
        }
    }

    /// <inheritdoc/>
    public void Copy(Tensor source, Tensor destination)
    {
        Checks.Copy(source, destination);
        if (source.Count == 0)
        {
            return;
        }

        if (source.Type != destination.Type)
        {
            _kernels.Moves.Convert(Queue, source, destination);
        }
        else if (source.IsContiguous && destination.IsContiguous)
        {
            Queue.Copy((nuint)destination.Pointer, (nuint)source.Pointer, source.Count * source.Type.SizeInBytes());
        }
        else
        {
            _kernels.Moves.Copy(Queue, source, destination);
        }
    }

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<byte> source, Tensor destination)
    {
        Checks.Transfer("Upload", destination, source.Length);
        Upload(source, (nuint)destination.Pointer);
    }

    /// <inheritdoc/>
    public void Download(Tensor source, Memory<byte> destination)
    {
        Checks.Transfer("Download", source, destination.Length);
        RefuseInRecording();
        _completions.AddCopy((nuint)source.Pointer, destination);
    }

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor sum)
    {
        Checks.Add(a, b, sum);
        _kernels.Elementwise[sum.Type].Add(Queue, RowView.Of(a), RowView.Of(b), RowView.Of(sum), AllRows(sum), sum.Columns);
    }

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor c, Tensor sum)
    {
        Checks.Add(a, b, c, sum);
        _kernels.Elementwise[sum.Type].Add(Queue, RowView.Of(a), RowView.Of(b), RowView.Of(c), RowView.Of(sum), AllRows(sum), sum.Columns);
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y, Tensor live = default)
    {
        Checks.SwiGlu(gateUp, y, live);
        _kernels.Elementwise[y.Type].SwiGlu(Queue, RowView.Of(gateUp), RowView.Of(y), Live(live, y), y.Columns);
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUp, Tensor dy, Tensor weights, Tensor dGateUp, Tensor weighted, Tensor dWeights, Tensor live = default)
    {
        Checks.SwiGluBackward(gateUp, dy, weights, dGateUp, weighted, dWeights, live);
        _kernels.Elementwise[dy.Type].SwiGluBackward(
            Queue, RowView.Of(gateUp), RowView.Of(dy), RowView.AddressOf(weights), RowView.Of(dGateUp), RowView.Of(weighted), RowView.AddressOf(dWeights), Live(live, dy), dy.Columns);
    }

    private static RowCount AllRows(Tensor x) => new(0, x.Rows);

    /// <summary>The rows of an operation, of which so many are there.</summary>
    private static RowCount Live(Tensor live, Tensor rows) => new(RowView.AddressOf(live), rows.Rows);
}
