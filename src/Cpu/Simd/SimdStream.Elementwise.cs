using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Simd;

/// <summary>Moves, fills and sums.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void Zero(Tensor x)
    {
        ShapeChecks.Host.Zero(x);
        long bytes = x.Type.SizeInBytes();
        if (x.IsContiguous)
        {
            NativeMemory.Clear((void*)x.Pointer, (nuint)(x.Count * bytes));
            return;
        }

        for (int row = 0; row < x.Rows; row++)
        {
            x.RowBytes(row).Clear();
        }
    }

    /// <inheritdoc/>
    public void Copy(Tensor source, Tensor destination)
    {
        ShapeChecks.Host.Copy(source, destination);
        if (source.IsContiguous && destination.IsContiguous)
        {
            long bytes = source.Count * source.Type.SizeInBytes();
            Buffer.MemoryCopy((void*)source.Pointer, (void*)destination.Pointer, bytes, bytes);
            return;
        }

        for (int row = 0; row < source.Rows; row++)
        {
            source.RowBytes(row).CopyTo(destination.RowBytes(row));
        }
    }

    /// <inheritdoc/>
    public void Upload(ReadOnlySpan<byte> source, Tensor destination)
    {
        ShapeChecks.Host.Transfer(nameof(Upload), destination, source.Length);
        source.CopyTo(new Span<byte>((void*)destination.Pointer, source.Length));
    }

    /// <inheritdoc/>
    public void Download(Tensor source, Memory<byte> destination)
    {
        ShapeChecks.Host.Transfer(nameof(Download), source, destination.Length);
        new ReadOnlySpan<byte>((void*)source.Pointer, destination.Length).CopyTo(destination.Span);
    }

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor sum)
    {
        ShapeChecks.Host.Add(a, b, sum);
        if (a.IsContiguous && b.IsContiguous && sum.IsContiguous && a.Count <= int.MaxValue)
        {
            AddRow(Floats(a), Floats(b), Floats(sum), (int)a.Count);
            return;
        }

        float* aRows = Floats(a);
        float* bRows = Floats(b);
        float* sumRows = Floats(sum);
        for (long row = 0; row < a.Rows; row++)
        {
            AddRow(aRows + row * a.RowStride, bRows + row * b.RowStride, sumRows + row * sum.RowStride, a.Columns);
        }
    }

    /// <inheritdoc/>
    public void Add(Tensor a, Tensor b, Tensor c, Tensor sum)
    {
        ShapeChecks.Host.Add(a, b, c, sum);
        if (a.IsContiguous && b.IsContiguous && c.IsContiguous && sum.IsContiguous && a.Count <= int.MaxValue)
        {
            AddRow(Floats(a), Floats(b), Floats(c), Floats(sum), (int)a.Count);
            return;
        }

        float* aRows = Floats(a);
        float* bRows = Floats(b);
        float* cRows = Floats(c);
        float* sumRows = Floats(sum);
        for (long row = 0; row < a.Rows; row++)
        {
            AddRow(
                aRows + row * a.RowStride, bRows + row * b.RowStride, cRows + row * c.RowStride,
                sumRows + row * sum.RowStride, a.Columns);
        }
    }

    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y, Tensor live = default)
    {
        ShapeChecks.Host.SwiGlu(gateUp, y, live);
        float* gateUpRows = Floats(gateUp);
        float* yRows = Floats(y);
        int rows = LiveRows.OnHost(live, y.Rows);
        for (long row = 0; row < rows; row++)
        {
            SwiGluKernel.Forward(gateUpRows + row * gateUp.RowStride, yRows + row * y.RowStride, y.Columns);
        }
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUp, Tensor dy, Tensor weights, Tensor dGateUp, Tensor weighted, Tensor dWeights, Tensor live = default)
    {
        ShapeChecks.Host.SwiGluBackward(gateUp, dy, weights, dGateUp, weighted, dWeights, live);
        float* factors = Floats(weights);
        float* sums = Floats(dWeights);
        float* gateUpRows = Floats(gateUp);
        float* dyRows = Floats(dy);
        float* dGateUpRows = Floats(dGateUp);
        float* weightedRows = Floats(weighted);
        int rows = LiveRows.OnHost(live, dy.Rows);
        for (long row = 0; row < rows; row++)
        {
            float sum = SwiGluKernel.Backward(
                gateUpRows + row * gateUp.RowStride, dyRows + row * dy.RowStride, factors is null ? 1 : factors[row],
                dGateUpRows + row * dGateUp.RowStride, weightedRows + row * weighted.RowStride, dy.Columns);
            if (sums is not null)
            {
                sums[row] = sum;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddRow(float* a, float* b, float* sum, int count)
    {
        for (int i = 0; i < count; i += Lanes.Count)
        {
            int left = count - i;
            Lanes.Store(Lanes.Load(a + i, left) + Lanes.Load(b + i, left), sum + i, left);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void AddRow(float* a, float* b, float* c, float* sum, int count)
    {
        for (int i = 0; i < count; i += Lanes.Count)
        {
            int left = count - i;
            Vector512<float> second = Lanes.Load(b + i, left) + Lanes.Load(c + i, left);
            Lanes.Store(Lanes.Load(a + i, left) + second, sum + i, left);
        }
    }
}
