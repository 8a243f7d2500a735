using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Cpu.Tests;

public sealed class HostLinkTests : IDisposable
{
    private readonly CpuBackend _backend = new();
    private readonly TensorPool _pool;

    public HostLinkTests() => _pool = new TensorPool(_backend);

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(1, HostLink.DefaultStreamingBytes)]
    [InlineData(77, HostLink.DefaultStreamingBytes)]
    [InlineData(128, 1)]
    [InlineData(77, 1)]
    public void Scattered_rows_lie_at_their_places_and_others_stay(int columns, long streamingBytes)
    {
        Tensor source = Filled(5, columns, ElementType.BFloat16, 1), destination = Filled(9, columns, ElementType.BFloat16, 2);
        float[] before = Read(destination), rows = Read(source);
        new HostLink(streamingBytes).Scatter(source, [4, 0, 2], [1, 8, 3], destination);
        float[] after = Read(destination);
        for (int row = 0; row < 9; row++)
        {
            ReadOnlySpan<float> expected = row switch { 1 => Row(rows, 4), 8 => Row(rows, 0), 3 => Row(rows, 2), _ => Row(before, row) };
            Assert.True(expected.SequenceEqual(Row(after, row)), $"row {row}");
        }

        ReadOnlySpan<float> Row(float[] values, int row) => values.AsSpan(row * columns, columns);
    }

    [Theory]
    [InlineData(ElementType.Float32, ElementType.Float32)]
    [InlineData(ElementType.BFloat16, ElementType.BFloat16)]
    [InlineData(ElementType.BFloat16, ElementType.Float32)]
    [InlineData(ElementType.Float32, ElementType.BFloat16)]
    public void Sums_are_float32_in_order_of_parts_and_rounded_once(ElementType from, ElementType to)
    {
        const int Columns = 75; // two vectors and a rest
        Tensor[] parts = [Filled(3, Columns, from, 1), default, Filled(2, Columns, from, 2), Filled(4, Columns, from, 3)];
        int[] rows = [2, -1, 0, 3, -1, -1, 1, -1];
        Tensor destination = _pool.Rent(2, Columns, to);
        new HostLink().Sum(parts, rows, destination);
        float[] actual = Read(destination);
        for (int r = 0; r < 2; r++)
        {
            for (int c = 0; c < Columns; c++)
            {
                float? sum = null;
                for (int p = 0; p < parts.Length; p++)
                {
                    int row = rows[(r * parts.Length) + p];
                    sum = row < 0 ? sum : sum is { } s ? s + Read(parts[p])[(row * Columns) + c] : Read(parts[p])[(row * Columns) + c];
                }

                float expected = to == ElementType.BFloat16 ? BFloat16.ToSingle(BFloat16.FromSingle(sum!.Value)) : sum!.Value;
                Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(actual[(r * Columns) + c]));
            }
        }
    }

    [Theory]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.BFloat16)]
    public void A_row_without_a_part_is_zero(ElementType type)
    {
        Tensor[] parts = [default, Filled(1, 75, ElementType.Float32, 1)];
        Tensor destination = Filled(2, 75, type, 2);
        new HostLink().Sum(parts, [-1, -1, -1, 0], destination);
        Assert.All(Read(destination)[..75], value => Assert.Equal(0, value));
        Assert.All(Read(destination)[75..], value => Assert.NotEqual(0, value));
    }

    [Theory]
    [InlineData(1, 200)]
    [InlineData(2, 75)]
    [InlineData(3, 75)]
    [InlineData(8, 200)] // three times four vectors and a rest
    public void A_sum_may_take_the_place_of_any_of_its_parts(int count, int columns)
    {
        for (int place = 0; place < count; place++)
        {
            Tensor[] parts = [.. Enumerable.Range(1, count).Select(seed => Filled(2, columns, ElementType.Float32, seed))];
            int[] rows = [.. Enumerable.Repeat(0, count), .. Enumerable.Repeat(1, count)];
            Tensor elsewhere = _pool.Rent(2, columns);
            new HostLink().Sum(parts, rows, elsewhere);
            float[] before = Read(parts[(place + 1) % count]);
            new HostLink().Sum(parts, rows, parts[place]);
            Assert.Equal(Read(elsewhere), Read(parts[place]));
            if (count > 1)
            {
                Assert.Equal(before, Read(parts[(place + 1) % count]));
            }
        }
    }

    [Fact]
    public void A_row_that_does_not_exist_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HostLink().Gather(Filled(2, 4, ElementType.Float32, 1), [2], _pool.Rent(1, 4)));

    private static float[] Read(Tensor tensor)
    {
        var values = new float[tensor.Count];
        if (tensor.Type == ElementType.BFloat16)
        {
            BFloat16.ToSingle(tensor.AsSpan<ushort>(), values);
        }
        else
        {
            tensor.AsSpan<float>().CopyTo(values);
        }

        return values;
    }

    private Tensor Filled(int rows, int columns, ElementType type, int seed)
    {
        var random = new Random(seed);
        Tensor tensor = _pool.Rent(rows, columns, type);
        for (int i = 0; i < tensor.Count; i++)
        {
            float value = (random.NextSingle() * 2) - 1;
            if (type == ElementType.BFloat16)
            {
                tensor.AsSpan<ushort>()[i] = BFloat16.FromSingle(value);
            }
            else
            {
                tensor.AsSpan<float>()[i] = value;
            }
        }

        return tensor;
    }
}
