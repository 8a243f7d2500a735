using Actors.Cpu.Simd.Products;
using Actors.Tensors;

namespace Actors.Cpu.Tests.Simd;

/// <summary>What is named is asked for in the order of its use, has a limit, and changes no result.</summary>
public sealed unsafe class Expectations : IStreamCompletion
{
    private const int Line = CacheLine.Floats;
    private const nint FirstAddress = 64 * 1024;

    [Fact]
    public void Ranges_are_taken_in_order_and_what_comes_first_interrupts_them()
    {
        var upcoming = default(Upcoming);
        upcoming.Add(At(100), 2 * Line);
        upcoming.Add(At(200), Line);
        Assert.Equal(100, Number(upcoming.Take(1)));
        upcoming.AddFirst(At(300), 2 * Line);
        Assert.Equal(300, Number(upcoming.Take(2)));
        Assert.Equal(101, Number(upcoming.Take(4)));
        Assert.Equal(200, Number(upcoming.Take(1)));
        Assert.True(upcoming.Take(1) is null);
    }

    [Fact]
    public void The_oldest_give_way_to_what_is_added_and_the_last_to_what_goes_first()
    {
        var upcoming = default(Upcoming);
        for (int i = 0; i < Upcoming.Capacity + 3; i++)
        {
            upcoming.Add(At(i), 1);
        }

        Assert.Equal([.. Enumerable.Range(2, Upcoming.Capacity + 1)], Rest(ref upcoming));
        for (int i = 0; i < Upcoming.Capacity + 3; i++)
        {
            upcoming.AddFirst(At(i), 1);
        }

        Assert.Equal([.. Enumerable.Range(2, Upcoming.Capacity + 1).Reverse()], Rest(ref upcoming));
    }

    [Fact]
    public void A_completion_ends_what_was_expected()
    {
        using var bench = new Bench();
        bench.Stream.Expect(bench.Floats(3, 40));
        bench.Stream.Expect(bench.Floats(3, 40));
        Assert.False(Upcoming.OfThread->Take(1) is null);
        bench.Stream.Notify(this);
        Assert.True(Upcoming.OfThread->Take(1) is null);
    }

    [Fact]
    public void Absent_and_empty_tensors_name_nothing()
    {
        using var bench = new Bench();
        bench.Stream.Notify(this);
        bench.Stream.Expect(default);
        bench.Stream.Expect(bench.Floats(3, 40).RowRange(1, 0));
        Assert.True(Upcoming.OfThread->Take(1) is null);
    }

    [Fact]
    public void Products_have_the_same_bits_whatever_is_expected()
    {
        using var bench = new Bench();
        Weight weight = bench.Weight(1, 128, 192);
        Tensor x = bench.Floats(70, 192), y = bench.Floats(70, 128), dx = bench.Floats(70, 192), dw = bench.Floats(128, 192);
        bench.Stream.Notify(this);
        int[][] Results()
        {
            bench.Stream.Linear(x, weight, y);
            bench.Stream.LinearBackwardInput(y, weight, dx);
            bench.Stream.LinearBackwardWeight(y, x, dw, accumulate: false);
            return [.. new[] { y, dx, dw }.Select(tensor => Bench.Bits(tensor))];
        }

        int[][] expected = Results();
        bench.Stream.Expect(y);
        bench.Stream.ExpectLinear(weight);
        bench.Stream.ExpectLinearBackwardInput(weight);
        bench.Stream.Expect(x);
        Assert.Equal(expected, Results());
    }

    void IStreamCompletion.Completed(Exception? failure) => Assert.Null(failure);

    /// <summary>Asking never faults, so tests may name lines that nobody owns.</summary>
    private static float* At(int line) => (float*)(FirstAddress + (nint)line * Line * sizeof(float));

    private static int Number(float* line) => (int)(((nint)line - FirstAddress) / (Line * sizeof(float)));

    private static int[] Rest(ref Upcoming upcoming)
    {
        var lines = new List<int>();
        while (true)
        {
            float* line = upcoming.Take(1);
            if (line is null)
            {
                return [.. lines];
            }

            lines.Add(Number(line));
        }
    }
}
