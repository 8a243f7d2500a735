using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Tensors;

namespace Actors.LoadTests.Gpu;

/// <summary>
/// Rows of tokens to their experts and back, 8 of 256 for each token: permute gives a row its 8 places in the order of the experts, combine sums the rows of its 8
/// places. Some rows are checked bit by bit against the host.
/// </summary>
internal sealed class MoveTrials(GpuBench bench, KernelTimer timer, int tokens, int columns)
{
    private const int Experts = 256, Choices = 8, CheckedRows = 64;
    private readonly ExpertRouting _routing = new(tokens, Experts, Choices);
    private readonly ExchangeKernels _exchange = new(bench.Library);
    private readonly MoveKernels _moves = new(bench.Library);
    private readonly Random _random = new(17);
    private readonly int _rows = tokens * Choices;

    public void Run()
    {
        foreach (ElementType type in (ElementType[])[ElementType.BFloat16, ElementType.Float32])
        {
            long moved = (long)(tokens + _rows) * columns * type.SizeInBytes();
            Permute(type, moved);
            Combine(type, moved);
        }
    }

    private void Permute(ElementType type, long moved)
    {
        string gather = $"permute by gather {type}", push = $"permute by push {type}";
        Measure(gather, (x, numbers, y) => _moves.Move(bench.Queue, x, (nuint)numbers.Pointer, to: 0, y, new RowCount(0, _rows)), _routing.Sources, 1);
        Measure(push, (x, numbers, y) => _exchange.Push(bench.Queue, x, numbers, Windows(y)), _routing.Places, Choices);

        void Measure(string name, Action<Tensor, Tensor, Tensor> enqueue, int[] numbers, int width)
        {
            var x = new RepeatedNumbers(bench, tokens, columns, type);
            Tensor from = Rows(x.View.Data, tokens, type), indices = GpuBench.Rows(bench.Upload(numbers).Address, numbers.Length / width, width, ElementType.Int32);
            timer.Measure(
                name, moved, () => [bench.Poisoned((long)_rows * columns * type.SizeInBytes())], set => enqueue(from, indices, Rows(set[0].Address, _rows, type)),
                set => Check(name, set[0], _rows, type, (row, column) => x.At(_routing.Sources[row], column)));
        }
    }

    private void Combine(ElementType type, long moved)
    {
        var sums = new RowSumKernels(bench.Library, type);
        float[] weights = bench.Numbers(_rows, ElementType.Float32, 2), ones = [.. Enumerable.Repeat(1f, _rows)];
        Measure($"combine {type}", ones, (x, places, _, y) => sums.SumRows(bench.Queue, x, places, default, y, new RowCount(0, tokens)));
        Measure($"combine {type}, weighted", weights, (x, places, factors, y) => sums.SumRows(bench.Queue, x, places, factors, y, new RowCount(0, tokens)));
        Measure($"combine by collect {type}", ones, (x, places, _, y) => _exchange.CollectSums(bench.Queue, Windows(x), places, Choices, y));

        void Measure(string name, float[] factors, Action<Tensor, Tensor, Tensor, Tensor> enqueue)
        {
            var x = new RepeatedNumbers(bench, _rows, columns, type);
            Tensor from = Rows(x.View.Data, _rows, type), places = GpuBench.Rows(bench.Upload(_routing.Places).Address, tokens, Choices, ElementType.Int32);
            Tensor multiplied = GpuBench.Rows(bench.Upload(factors, ElementType.Float32).Address, tokens, Choices, ElementType.Float32);
            timer.Measure(
                name, moved, () => [bench.Poisoned((long)tokens * columns * type.SizeInBytes())],
                set => enqueue(from, places, multiplied, Rows(set[0].Address, tokens, type)),
                set => Check(name, set[0], tokens, type, (token, column) =>
                {
                    float sum = 0;
                    for (int slot = token * Choices; slot < (token + 1) * Choices; slot++)
                    {
                        sum = MathF.FusedMultiplyAdd(factors[slot], x.At(_routing.Places[slot], column), sum);
                    }

                    return GpuBench.Stored(sum, type);
                }));
        }
    }

    /// <summary>A window a choice, all of the same rows.</summary>
    private static Tensor[] Windows(Tensor rows) => [.. Enumerable.Repeat(rows, Choices)];

    private Tensor Rows(nuint address, int rows, ElementType type) => GpuBench.Rows(address, rows, columns, type);

    /// <summary>Throws unless the first and the last row, and some between, have the bits expected.</summary>
    private void Check(string name, DeviceMemory memory, int rows, ElementType type, Func<int, int, float> expected)
    {
        for (int i = 0; i < CheckedRows; i++)
        {
            int row = i switch { 0 => 0, 1 => rows - 1, _ => _random.Next(rows) };
            float[] found = bench.Download(memory, type, (long)row * columns, columns);
            for (int column = 0; column < columns; column++)
            {
                float wanted = expected(row, column);
                if (BitConverter.SingleToInt32Bits(found[column]) != BitConverter.SingleToInt32Bits(wanted))
                {
                    throw new CheckFailedException($"{name}: row {row}, column {column} is {found[column]:R} and must be {wanted:R}.");
                }
            }
        }
    }
}
