using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Scalar;

/// <summary>Moves, fills, sums and SwiGLU.</summary>
internal sealed partial class ScalarStream
{
    /// <inheritdoc/>
    public void Zero(Tensor x)
    {
        ShapeChecks.Host.Zero(x);
        for (int row = 0; row < x.Rows; row++)
        {
            x.RowBytes(row).Clear();
        }
    }

    /// <inheritdoc/>
    public void Copy(Tensor source, Tensor destination)
    {
        ShapeChecks.Host.Copy(source, destination);
        for (int row = 0; row < source.Rows; row++)
        {
            source.RowBytes(row).CopyTo(destination.RowBytes(row));
        }
    }

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<byte> source, Tensor destination)
    {
        ShapeChecks.Host.Transfer("Upload", destination, source.Length);
        for (int row = 0; row < destination.Rows; row++)
        {
            Span<byte> bytes = destination.RowBytes(row);
            source.Slice(row * bytes.Length, bytes.Length).CopyTo(bytes);
        }
    }

    /// <inheritdoc/>
    public void Download(Tensor source, Memory<byte> destination)
    {
        ShapeChecks.Host.Transfer("Download", source, destination.Length);
        for (int row = 0; row < source.Rows; row++)
        {
            Span<byte> bytes = source.RowBytes(row);
            bytes.CopyTo(destination.Span.Slice(row * bytes.Length, bytes.Length));
        }
    }

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor sum)
    {
        ShapeChecks.Host.Add(a, b, sum);
        for (int row = 0; row < sum.Rows; row++)
        {
            ReadOnlySpan<float> left = a.RowSpan<float>(row);
            ReadOnlySpan<float> right = b.RowSpan<float>(row);
            Span<float> result = sum.RowSpan<float>(row);
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = left[i] + right[i];
            }
        }
    }

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor c, Tensor sum)
    {
        ShapeChecks.Host.Add(a, b, c, sum);
        for (int row = 0; row < sum.Rows; row++)
        {
            ReadOnlySpan<float> first = a.RowSpan<float>(row);
            ReadOnlySpan<float> second = b.RowSpan<float>(row);
            ReadOnlySpan<float> third = c.RowSpan<float>(row);
            Span<float> result = sum.RowSpan<float>(row);
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = first[i] + (second[i] + third[i]);
            }
        }
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y, Tensor live = default)
    {
        ShapeChecks.Host.SwiGlu(gateUp, y, live);
        for (int row = 0; row < LiveRows.OnHost(live, y.Rows); row++)
        {
            ReadOnlySpan<float> gate = gateUp.RowSpan<float>(row)[..y.Columns];
            ReadOnlySpan<float> up = gateUp.RowSpan<float>(row)[y.Columns..];
            Span<float> result = y.RowSpan<float>(row);
            for (int i = 0; i < result.Length; i++)
            {
                result[i] = (float)(gate[i] * Sigmoid(gate[i]) * up[i]);
            }
        }
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUp, Tensor dy, Tensor weights, Tensor dGateUp, Tensor weighted, Tensor dWeights, Tensor live = default)
    {
        ShapeChecks.Host.SwiGluBackward(gateUp, dy, weights, dGateUp, weighted, dWeights, live);
        int columns = dy.Columns;
        for (int row = 0; row < LiveRows.OnHost(live, dy.Rows); row++)
        {
            double weight = weights.IsAbsent ? 1 : weights.RowSpan<float>(0)[row];
            double dWeight = 0;
            for (int i = 0; i < columns; i++)
            {
                // Read all before writing: the outputs may be the inputs.
                double gate = gateUp.RowSpan<float>(row)[i];
                double up = gateUp.RowSpan<float>(row)[columns + i];
                double gradient = dy.RowSpan<float>(row)[i];
                double sigmoid = Sigmoid(gate);
                double silu = gate * sigmoid;
                double dSilu = sigmoid * (1 + gate * (1 - sigmoid));

                dGateUp.RowSpan<float>(row)[i] = (float)(weight * gradient * up * dSilu);
                dGateUp.RowSpan<float>(row)[columns + i] = (float)(weight * gradient * silu);
                weighted.RowSpan<float>(row)[i] = (float)(weight * silu * up);
                dWeight += gradient * silu * up;
            }

            if (!dWeights.IsAbsent)
            {
                dWeights.RowSpan<float>(0)[row] = (float)dWeight;
            }
        }
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
