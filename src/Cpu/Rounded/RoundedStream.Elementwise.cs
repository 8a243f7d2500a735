using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Rounded;

/// <summary>Moves, fills and sums.</summary>
internal sealed partial class RoundedStream
{
    /// <inheritdoc/>
    public void Zero(Tensor x) => _float32.Zero(x);

    /// <inheritdoc/>
    public void Copy(Tensor source, Tensor destination)
    {
        Checks.Copy(source, destination);
        if (source.Type == destination.Type)
        {
            _float32.Copy(source, destination);
        }
        else if (source.Type == ElementType.BFloat16)
        {
            WidenedRows.Widen(source, destination);
        }
        else
        {
            for (int row = 0; row < source.Rows; row++)
            {
                BFloat16.FromSingle(source.RowSpan<float>(row), destination.RowSpan<ushort>(row));
            }
        }
    }

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<byte> source, Tensor destination) => _float32.Upload(source, destination);

    /// <inheritdoc/>
    public void Download(Tensor source, Memory<byte> destination) => _float32.Download(source, destination);

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor sum)
    {
        Checks.Add(a, b, sum);
        WidenedRows rows = _rows.Begin();
        _float32.Add(rows.Read(a), rows.Read(b), rows.Write(sum));
        rows.Store();
    }

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor c, Tensor sum)
    {
        Checks.Add(a, b, c, sum);
        WidenedRows rows = _rows.Begin();
        _float32.Add(rows.Read(a), rows.Read(b), rows.Read(c), rows.Write(sum));
        rows.Store();
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y, Tensor live = default)
    {
        Checks.SwiGlu(gateUp, y, live);
        int count = LiveRows.OnHost(live, y.Rows);
        WidenedRows rows = _rows.Begin();
        _float32.SwiGlu(rows.Read(gateUp, count), rows.Write(y, count), live);
        rows.Store();
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUp, Tensor dy, Tensor weights, Tensor dGateUp, Tensor weighted, Tensor dWeights, Tensor live = default)
    {
        Checks.SwiGluBackward(gateUp, dy, weights, dGateUp, weighted, dWeights, live);
        int count = LiveRows.OnHost(live, dy.Rows);
        WidenedRows rows = _rows.Begin();
        _float32.SwiGluBackward(
            rows.Read(gateUp, count), rows.Read(dy, count), weights, rows.Write(dGateUp, count), rows.Write(weighted, count), dWeights, live);
        rows.Store();
    }
}
