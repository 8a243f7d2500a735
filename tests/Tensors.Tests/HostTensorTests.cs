namespace Actors.Tensors.Tests;

public sealed class HostTensorTests : IDisposable
{
    private readonly SplitBackend _backend = new();
    private readonly Arena _arena;

    public HostTensorTests() => _arena = new Arena(_backend, Arena.Plan(4, 6), Arena.Plan(4, 6));

    public void Dispose() => _arena.Dispose();

    [Fact]
    public void A_tensor_in_device_memory_is_refused_with_its_shape()
    {
        Tensor tensor = _arena.Take(4, 6);
        string message = Assert.Throws<ArgumentException>(() => new HostTensor(tensor)).Message;
        Assert.Equal("Float32[4, 6] lies in device memory, which the host cannot read; take it from IBackend.AllocateHost, or download it.", message);
    }

    [Fact]
    public void Rows_and_spans_are_the_tensors_elements()
    {
        HostTensor tensor = _arena.TakeHost(4, 6, ElementType.Int32);
        Span<int> all = tensor.AsSpan<int>();
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = i;
        }

        Assert.Equal([12, 13, 14, 15, 16, 17], tensor.RowSpan<int>(2).ToArray());
        Assert.Equal(tensor.RowSpan<int>(3).ToArray(), tensor.RowRange(2, 2).RowSpan<int>(1).ToArray());
        Assert.Equal(tensor.Tensor.RowRange(1, 2), tensor.RowRange(1, 2).Tensor);
    }

    [Fact]
    public void Columns_of_a_wider_tensor_are_read_a_row_at_a_time()
    {
        var columns = new HostTensor(_arena.TakeHost(4, 6).Tensor.ColumnRange(2, 3));
        Assert.Throws<InvalidOperationException>(() => columns.AsSpan<float>().Length);
        columns.RowSpan<float>(1).Fill(7);
        Assert.Equal([7, 7, 7], columns.RowRange(1, 1).AsSpan<float>().ToArray());
    }

    [Fact]
    public void Elements_of_another_size_are_refused() => Assert.Equal(
        "Float32[2, 2] has elements of 4 bytes, not 2.",
        Assert.Throws<InvalidOperationException>(() => _arena.TakeHost(2, 2).AsSpan<ushort>().Length).Message);

    [Fact]
    public void A_pool_lends_memory_again_for_the_side_that_it_was_allocated_for()
    {
        using var pool = new TensorPool(_backend);
        pool.Return(pool.Rent(3, 5));
        Tensor first = pool.RentHost(3, 5);
        Assert.True(first.Buffer.IsHost);
        pool.Return(first);
        Assert.False(pool.Rent(3, 5).Buffer.IsHost);
        Assert.Same(first.Buffer, pool.RentHost(4, 4).Tensor.Buffer);
    }

    [Fact]
    public void An_arena_keeps_the_two_sides_apart()
    {
        Assert.False(_arena.Take(4, 6).Buffer.IsHost);
        Assert.True(_arena.TakeHost(4, 6).Tensor.Buffer.IsHost);
        Assert.Throws<InvalidOperationException>(() => _arena.TakeHost(1, 1));
        _arena.Reset();
        Assert.Equal(0, _arena.TakeHost(1, 1).Tensor.Offset);
    }
}
