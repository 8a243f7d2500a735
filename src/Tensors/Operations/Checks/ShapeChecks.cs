using System.Diagnostics.CodeAnalysis;

namespace Actors.Tensors.Operations.Checks;

/// <summary>
/// What a backend checks when an operation is enqueued: one method an operation, nothing allocated on success. What tensors hold (indices,
/// offsets) is checked where the operation runs at once, since a device's is not there yet.
/// </summary>
public sealed partial class ShapeChecks
{
    private readonly bool _onHost, _roundsRows;

    private ShapeChecks(bool onHost, bool roundsRows) => (_onHost, _roundsRows) = (onHost, roundsRows);

    /// <summary>Of the CPU: every tensor lies in host memory, rows are float32.</summary>
    public static ShapeChecks Host { get; } = new(onHost: true, roundsRows: false);

    /// <summary>Of the CPU where it stores rows in bfloat16: every tensor lies in host memory, rows are those of <see cref="Device"/>.</summary>
    public static ShapeChecks RoundingHost { get; } = new(onHost: true, roundsRows: true);

    /// <summary>Of a device: rows are float32 or bfloat16, all of an operation alike unless it says otherwise.</summary>
    public static ShapeChecks Device { get; } = new(onHost: false, roundsRows: true);

    private void Expect(
        string operation, string name, Tensor tensor, int rows, int columns, ElementType type = ElementType.Float32)
    {
        if (tensor.IsAbsent || tensor.Rows != rows || tensor.Columns != columns || tensor.Type != type || IsElsewhere(tensor))
        {
            ThrowMismatch(operation, name, tensor, rows, columns, type);
        }
    }

    private void ExpectOptional(string operation, string name, Tensor tensor, int rows, int columns)
    {
        if (!tensor.IsAbsent)
        {
            Expect(operation, name, tensor, rows, columns);
        }
    }

    /// <summary>Whether a copy of equal shapes changes float32 to bfloat16 or back, for which rows must be of either.</summary>
    private bool IsRounding(Tensor source, Tensor destination) => _roundsRows && !destination.IsAbsent && (source.Rows, source.Columns) == (destination.Rows, destination.Columns)
        && (source.Type, destination.Type) is (ElementType.Float32, ElementType.BFloat16) or (ElementType.BFloat16, ElementType.Float32);

    private bool IsElsewhere(Tensor tensor) => _onHost && !tensor.Buffer.IsHost;

    /// <summary>Rows of activations or gradients: float32, or bfloat16 where rows are rounded.</summary>
    private void ExpectRows(string operation, string name, Tensor tensor, int rows, int columns) =>
        Expect(operation, name, tensor, rows, columns, _roundsRows && !tensor.IsAbsent && tensor.Type == ElementType.BFloat16 ? ElementType.BFloat16 : ElementType.Float32);

    private void ExpectOptionalRows(string operation, string name, Tensor tensor, int rows, int columns)
    {
        if (!tensor.IsAbsent)
        {
            ExpectRows(operation, name, tensor, rows, columns);
        }
    }

    /// <summary>Rows of any shape.</summary>
    private void ExpectRows(string operation, string name, Tensor tensor) =>
        ExpectRows(operation, name, tensor, tensor.Rows, tensor.Columns);

    /// <summary>Rows of one element type: a kernel reads all as it reads the first. Absent ones are as any.</summary>
    private static void ExpectAlike(string operation, Tensor first, params ReadOnlySpan<Tensor> others)
    {
        foreach (Tensor other in others)
        {
            if (!other.IsAbsent && other.Type != first.Type)
            {
                Throw($"{operation}: rows are {first} and {other}, expected one element type.");
            }
        }
    }

    /// <summary>Float32 of any shape.</summary>
    private void ExpectFloats(string operation, string name, Tensor tensor) =>
        Expect(operation, name, tensor, tensor.Rows, tensor.Columns);

    /// <summary>Rows of <paramref name="columns"/> elements.</summary>
    private void ExpectColumns(string operation, string name, Tensor tensor, int columns) =>
        ExpectRows(operation, name, tensor, tensor.Rows, columns);

    /// <summary>Any element type, but present.</summary>
    private void ExpectPresent(string operation, string name, Tensor tensor) =>
        Expect(operation, name, tensor, tensor.Rows, tensor.Columns, tensor.Type);

    private void ExpectContiguous(string operation, string name, Tensor tensor)
    {
        ExpectPresent(operation, name, tensor);
        if (!tensor.IsContiguous)
        {
            Throw($"{operation}: {name} is {tensor} with {tensor.RowStride} elements from row to row, expected contiguous rows.");
        }
    }

    /// <summary>Int32 (1, count + 1), ascending from 0 to <paramref name="rows"/>, or to fewer where the last rows may be left out.</summary>
    private void ExpectOffsets(string operation, string name, Tensor offsets, int count, int rows, bool isPart = false)
    {
        Expect(operation, name, offsets, 1, count + 1, ElementType.Int32);
        if (!_onHost)
        {
            return;
        }

        ReadOnlySpan<int> values = Row(offsets, 0);
        if (values[0] != 0 || values[^1] > rows || (values[^1] < rows && !isPart))
        {
            Throw($"{operation}: {name} runs from {values[0]} to {values[^1]}, expected from 0 to {(isPart ? "at most " : "")}{rows} rows.");
        }

        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] < values[i - 1])
            {
                Throw($"{operation}: {name} falls from {values[i - 1]} to {values[i]} at index {i}, expected ascending values.");
            }
        }
    }

    /// <summary>Every element from <paramref name="least"/> to <paramref name="end"/> − 1.</summary>
    private void ExpectIndices(string operation, string name, Tensor indices, int least, int end)
    {
        for (int row = 0; _onHost && row < indices.Rows; row++)
        {
            ReadOnlySpan<int> values = Row(indices, row);
            int column = end > least ? values.IndexOfAnyExceptInRange(least, end - 1) : values.Length - 1;
            if (column >= 0)
            {
                Throw($"{operation}: {name}[{row}, {column}] is {values[column]}, expected {least}..{end - 1}.");
            }
        }
    }

    private static ReadOnlySpan<int> Row(Tensor tensor, int row) => new HostTensor(tensor).RowSpan<int>(row);

    [DoesNotReturn]
    private void ThrowMismatch(string operation, string name, Tensor tensor, int rows, int columns, ElementType type) =>
        throw (tensor.IsAbsent || !IsElsewhere(tensor)
            ? TensorShapeException.Mismatch(operation, name, tensor, $"{type}[{rows}, {columns}]")
            : new TensorShapeException($"{operation}: {name} ({tensor}) lies in another device's memory, expected the host's."));

    [DoesNotReturn]
    private static void Throw(string message) => throw new TensorShapeException(message);
}
