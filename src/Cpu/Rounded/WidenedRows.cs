using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Cpu.Rounded;

/// <summary>
/// The float32 rows that an operation of a stream computes with in place of rows of bfloat16; rows of another type are taken as they are. Each operand
/// has rows of its own, so that outputs may be inputs as everywhere. Memory grows, and is kept for the next operation.
/// </summary>
/// <param name="backend">Allocates.</param>
internal sealed class WidenedRows(IBackend backend) : IDisposable
{
    private readonly List<DeviceBuffer> _buffers = [];
    private readonly List<Result> _results = [];
    private int _taken;

    /// <summary>Begins an operation: what the one before took is free.</summary>
    public WidenedRows Begin()
    {
        _taken = 0;
        _results.Clear();
        return this;
    }

    /// <summary>An input.</summary>
    public Tensor Read(Tensor rows) => Read(rows, rows.Rows);

    /// <summary>An input of which the first <paramref name="live"/> rows are there.</summary>
    public Tensor Read(Tensor rows, int live)
    {
        if (rows.Type != ElementType.BFloat16)
        {
            return rows;
        }

        Tensor widened = Take(rows.Rows, rows.Columns);
        Widen(rows.RowRange(0, live), widened);
        return widened;
    }

    /// <summary>An input that is rounded to bfloat16 where it is not stored so: float32 rows that a product takes beside those of bfloat16.</summary>
    public Tensor ReadRounded(Tensor rows, int live)
    {
        if (rows.Type == ElementType.BFloat16)
        {
            return Read(rows, live);
        }

        Tensor rounded = Take(rows.Rows, rows.Columns);
        Round(rows.RowRange(0, live), rounded);
        return rounded;
    }

    /// <summary>An output, of undefined contents until the operation has run.</summary>
    public Tensor Write(Tensor rows) => Write(rows, rows.Rows);

    /// <summary>An output of which the operation writes the first <paramref name="live"/> rows.</summary>
    public Tensor Write(Tensor rows, int live)
    {
        if (rows.Type != ElementType.BFloat16)
        {
            return rows;
        }

        Tensor widened = Take(rows.Rows, rows.Columns);
        _results.Add(new Result(widened, rows, live));
        return widened;
    }

    /// <summary>What an operation changes in place.</summary>
    public Tensor Update(Tensor rows)
    {
        Tensor widened = Write(rows);
        if (rows.Type == ElementType.BFloat16)
        {
            Widen(rows, widened);
        }

        return widened;
    }

    /// <summary>Rows of undefined contents.</summary>
    public Tensor Take(int rows, int columns, ElementType type = ElementType.Float32)
    {
        long bytes = (long)rows * columns * type.SizeInBytes();
        if (_taken == _buffers.Count)
        {
            _buffers.Add(backend.Allocate(bytes));
        }

        if (_buffers[_taken].Bytes < bytes)
        {
            // Freed first, so that the larger one may lie there; an empty one stands for it should there be no memory.
            _buffers[_taken].Dispose();
            _buffers[_taken] = backend.Allocate(0);
            _buffers[_taken] = backend.Allocate(bytes + (bytes / 4));
        }

        return new Tensor(_buffers[_taken++], 0, rows, columns, columns, type);
    }

    /// <summary>Ends an operation: rounds its outputs, to nearest even.</summary>
    public void Store()
    {
        foreach (Result result in _results)
        {
            for (int row = 0; row < result.Live; row++)
            {
                BFloat16.FromSingle(result.Widened.RowSpan<float>(row), result.Rows.RowSpan<ushort>(row));
            }
        }
    }

    /// <summary>Rows of bfloat16 as float32.</summary>
    /// <param name="rows">(rows, columns).</param>
    /// <param name="widened">Output (rows or more, columns).</param>
    public static void Widen(Tensor rows, Tensor widened)
    {
        for (int row = 0; row < rows.Rows; row++)
        {
            BFloat16.ToSingle(rows.RowSpan<ushort>(row), widened.RowSpan<float>(row));
        }
    }

    /// <summary>Float32 rows rounded to the values of bfloat16.</summary>
    /// <param name="rows">(rows, columns).</param>
    /// <param name="rounded">Output (rows or more, columns); may be <paramref name="rows"/>.</param>
    public static void Round(Tensor rows, Tensor rounded)
    {
        for (int row = 0; row < rows.Rows; row++)
        {
            BFloat16.Round(rows.RowSpan<float>(row), rounded.RowSpan<float>(row));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _buffers.ForEach(buffer => buffer.Dispose());

    /// <summary>An output where the operation writes it, and where it goes.</summary>
    private readonly record struct Result(Tensor Widened, Tensor Rows, int Live);
}
