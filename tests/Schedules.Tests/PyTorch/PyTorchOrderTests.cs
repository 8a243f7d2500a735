using System.Security.Cryptography;
using System.Text;

namespace Actors.Schedules.Tests.PyTorch;

/// <summary>
/// The order of actions is PyTorch's, action for action. orders.txt beside this file was made by PyTorch's own classes with
/// pytorch_orders.py.
/// </summary>
public class PyTorchOrderTests
{
    private const string Refused = "refused";

    private static readonly PyTorchOrders Orders = PyTorchOrders.File211;

    public static TheoryData<string> Schedules => [.. Orders.Digests.Keys.Select(known => known.Schedule).Distinct()];

    [Fact]
    public void The_file_has_the_whole_grid()
    {
        // 6 ranks x 12 micro-batches: four schedules of one number of stages, two of three.
        Assert.Equal(6 * 12 * (4 + 3 + 3), Orders.Digests.Count);
        Assert.Equal(8, Orders.WrittenOut.Count);
        Assert.All(Orders.WrittenOut, written => Assert.Equal(Orders.Digests[written.Key], DigestOf(written.Value)));
    }

    [Fact]
    public void Timetables_written_out_are_met_row_by_row()
    {
        foreach (var ((schedule, size), rows) in Orders.WrittenOut)
        {
            Assert.Equal(rows, RowsOf(ScheduleCatalog.Create(schedule, size)));
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Every_size_of_the_grid_is_met_action_for_action(string schedule)
    {
        foreach (var (known, digest) in Orders.Digests.Where(known => known.Key.Schedule == schedule && known.Value != Refused))
        {
            Assert.Equal((known, digest), (known, DigestOf(RowsOf(ScheduleCatalog.Create(schedule, known.Size)))));
        }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void What_PyTorch_refuses_is_refused(string schedule)
    {
        Assert.True(ScheduleCatalog.TryFind(schedule, out var found, out _));
        foreach (var (known, _) in Orders.Digests.Where(known => known.Key.Schedule == schedule && known.Value == Refused))
        {
            // 1F1B is the exception: PyTorch asks for a micro-batch a rank, while the order needs none to be defined.
            var isAcceptedHere = schedule == "1f1b" && known.Size.MicroBatches < known.Size.Ranks;
            Assert.Equal((known, isAcceptedHere), (known, found.Refuse(known.Size) is null));
        }
    }

    private static string[] RowsOf(Timetable timetable)
        => [.. Enumerable.Range(0, timetable.Ranks).Select(rank => string.Join(',', timetable.ActionsOf(rank)))];

    private static string DigestOf(string[] rows) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows))));
}
