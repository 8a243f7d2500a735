using System.Diagnostics.CodeAnalysis;
using Actors.Tensors;

namespace Actors.Cpu;

/// <summary>What every CPU backend checks before an operation runs: one method an operation, nothing allocated on success.</summary>
internal static partial class ShapeChecks
{
    private static void Expect(
        string operation, string name, Tensor tensor, int rows, int columns, ElementType type = ElementType.Float32)
    {
        if (tensor.IsAbsent || tensor.Rows != rows || tensor.Columns != columns || tensor.Type != type || !tensor.Buffer.IsHost)
        {
            ThrowMismatch(operation, name, tensor, rows, columns, type);
        }
    }

    private static void ExpectOptional(string operation, string name, Tensor tensor, int rows, int columns)
    {
        if (!tensor.IsAbsent)
        {
            Expect(operation, name, tensor, rows, columns);
        }
    }

    /// <summary>Float32 of any shape.</summary>
    private static void ExpectFloats(string operation, string name, Tensor tensor) =>
        Expect(operation, name, tensor, tensor.Rows, tensor.Columns);

    /// <summary>Float32 rows of <paramref name="columns"/> elements.</summary>
    private static void ExpectColumns(string operation, string name, Tensor tensor, int columns) =>
        Expect(operation, name, tensor, tensor.Rows, columns);

    /// <summary>Any element type, but present and in host memory.</summary>
    private static void ExpectPresent(string operation, string name, Tensor tensor) =>
        Expect(operation, name, tensor, tensor.Rows, tensor.Columns, tensor.Type);

    private static void ExpectContiguous(string operation, string name, Tensor tensor)
    {
        ExpectPresent(operation, name, tensor);
        if (!tensor.IsContiguous)
        {
            Throw($"{operation}: {name} is {tensor} with {tensor.RowStride} elements from row to row, expected contiguous rows.");
        }
    }

    /// <summary>Int32 (1, count + 1), ascending from 0 to <paramref name="rows"/>.</summary>
    private static void ExpectOffsets(string operation, string name, Tensor offsets, int count, int rows)
    {
        Expect(operation, name, offsets, 1, count + 1, ElementType.Int32);
        ReadOnlySpan<int> values = offsets.RowSpan<int>(0);
        if (values[0] != 0 || values[^1] != rows)
        {
            Throw($"{operation}: {name} runs from {values[0]} to {values[^1]}, expected from 0 to {rows} rows.");
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
    private static void ExpectIndices(string operation, string name, Tensor indices, int least, int end)
    {
        for (int row = 0; row < indices.Rows; row++)
        {
            ReadOnlySpan<int> values = indices.RowSpan<int>(row);
            int column = end > least ? values.IndexOfAnyExceptInRange(least, end - 1) : values.Length - 1;
            if (column >= 0)
            {
                Throw($"{operation}: {name}[{row}, {column}] is {values[column]}, expected {least}..{end - 1}.");
            }
        }
    }

    [DoesNotReturn]
    private static void ThrowMismatch(string operation, string name, Tensor tensor, int rows, int columns, ElementType type) =>
        throw (tensor.IsAbsent || tensor.Buffer.IsHost
            ? TensorShapeException.Mismatch(operation, name, tensor, $"{type}[{rows}, {columns}]")
            : new TensorShapeException($"{operation}: {name} ({tensor}) lies in another device's memory, expected the host's."));

    [DoesNotReturn]
    private static void Throw(string message) => throw new TensorShapeException(message);
}
