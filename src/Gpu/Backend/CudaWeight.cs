using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Gpu.Operations.Products;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>
/// Matrices of a linear layer in a GPU's memory. Products of float32 read the values as they lie; those of bfloat16 a copy, which is made when the first asks
/// for it and again whenever the values have changed.
/// </summary>
internal sealed class CudaWeight : Weight
{
    private readonly CudaContext _context;
    private readonly CudaBuffer _values;
    private readonly Lock _gate = new();
    private CudaBuffer? _copy;
    private CudaMark? _made;
    private readonly HashSet<CudaQueue> _seenBy = [];

    public CudaWeight(CudaContext context, int groups, int outputs, int inputs)
        : base(groups, outputs, inputs)
    {
        int rows = checked(groups * outputs);
        _context = context;
        _values = CudaBuffer.OnDevice(context, BytesOf(groups, outputs, inputs));
        Values = new Tensor(_values, 0, rows, inputs, inputs, ElementType.Float32);
        if (_values.Bytes > 0)
        {
            using var queue = new CudaQueue(context);
            queue.Fill((nuint)_values.Pointer, 0, _values.Bytes);
            queue.Drain();
        }
    }

    /// <inheritdoc/>
    public override Tensor Values { get; }

    /// <inheritdoc/>
    public override long HeldBytes
    {
        get
        {
            lock (_gate)
            {
                return _values.Bytes + (_copy?.Bytes ?? 0);
            }
        }
    }

    /// <summary>Bytes of the values.</summary>
    public static long BytesOf(int groups, int outputs, int inputs) => (long)groups * outputs * inputs * sizeof(float);

    /// <summary>The values have changed: makes the copy again, if there is one.</summary>
    public void Refresh(CudaQueue queue, RowRounding rounding)
    {
        lock (_gate)
        {
            if (_copy is not null)
            {
                Round(queue, rounding);
            }
        }
    }

    /// <summary>Address of the copy where it lies as the values do, row after row; 0: it does not, or there is none.</summary>
    public nuint FlatCopy
    {
        get
        {
            lock (_gate)
            {
                return _copy is not null && RowRounding.StrideOf(Values.Columns) == Values.Columns ? (nuint)_copy.Pointer : 0;
            }
        }
    }

    /// <summary>The copy has been written with the values.</summary>
    public void Refreshed(CudaQueue queue)
    {
        lock (_gate)
        {
            MarkMade(queue);
        }
    }

    /// <summary>The values in bfloat16 for work of a queue.</summary>
    public RowView Rounded(CudaQueue queue, RowRounding rounding)
    {
        lock (_gate)
        {
            if (_copy is null)
            {
                _copy = CudaBuffer.OnDevice(_context, RowRounding.BytesOf(Values.Rows, Values.Columns));
                _made = new CudaMark(_context);
                Round(queue, rounding);
            }

            // Another queue that has made it may be still at it. Once is enough, and in a recording there is no waiting.
            if (_seenBy.Add(queue))
            {
                queue.Wait(_made!);
            }

            return new RowView((nuint)_copy.Pointer, RowRounding.StrideOf(Values.Columns));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _values.Dispose();
            _copy?.Dispose();
            _made?.Dispose();
        }
    }

    private void Round(CudaQueue queue, RowRounding rounding)
    {
        rounding.Enqueue(queue, RowView.Of(Values), (nuint)_copy!.Pointer, Values.Rows, Values.Columns);
        MarkMade(queue);
    }

    private void MarkMade(CudaQueue queue)
    {
        _seenBy.Clear();
        _seenBy.Add(queue);
        queue.Record(_made!);
    }
}
