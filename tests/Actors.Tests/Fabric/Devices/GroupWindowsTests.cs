using Actors.Cpu;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Fabric.Layout;

namespace Actors.Runtime.Tests.Fabric.Devices;

public sealed class GroupWindowsTests
{
    private const int Tokens = 100;

    [Theory]
    [InlineData(8, 2, null, 800, 1600)]
    [InlineData(8, 2, 1.0, 200, 200)]
    [InlineData(8, 2, 1.5, 300, 300)]
    [InlineData(2, 4, 1.5, 200, 600)]
    [InlineData(2, 4, 100.0, 200, 800)]
    public void Have_room_for_a_multiple_of_what_a_balanced_gate_sends_at_most_for_all(int ranks, int choices, double? factor, int rows, int sorted)
    {
        using GroupWindows windows = Make(ranks, choices, factor);
        Assert.Equal((rows, sorted), (windows.Rows, windows.SortedRows));
        Assert.Equal(Math.Min(rows, 3 * ranks), windows.RowsFor(mostTokens: 3));
        Assert.Equal(rows, windows[1].All.Rows[ranks - 1].Rows);
    }

    [Fact]
    public void Grow_when_the_next_step_begins_beyond_what_was_needed()
    {
        using GroupWindows windows = Make(ranks: 8, choices: 2, factor: 1);
        ExchangeWindows small = windows[0];
        Assert.True(windows.End(rows: 200, sorted: 200));
        Assert.False(windows.End(rows: 240, sorted: 210));
        Assert.Equal((200, 200), (windows.Rows, windows.SortedRows));

        windows.Begin();
        windows.Begin();

        Assert.Equal((300, 262), (windows.Rows, windows.SortedRows));
        Assert.NotSame(small, windows[0]);
        Assert.Equal(300, windows[0].All.Rows[0].Rows);
        Assert.True(windows.End(rows: 300, sorted: 262));
    }

    [Fact]
    public void Never_grow_beyond_all_that_can_come()
    {
        using GroupWindows windows = Make(ranks: 8, choices: 2, factor: 1);
        Assert.False(windows.End(rows: 800, sorted: 1600));
        windows.Begin();
        Assert.Equal((800, 1600), (windows.Rows, windows.SortedRows));
    }

    private static GroupWindows Make(int ranks, int choices, double? factor) =>
        new([.. Enumerable.Repeat(new CpuBackend(), ranks)], new GroupShape(ranks, ranks, experts: 32, choices, columns: 4), Tokens, factor);
}
