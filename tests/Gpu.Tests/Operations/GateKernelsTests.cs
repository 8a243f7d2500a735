using Actors.Gpu.Operations;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Tests.Operations;

/// <summary>Which kernel a gate's sizes take.</summary>
public sealed class GateKernelsTests
{
    [Theory]
    [InlineData(256, 8, 4, 8, 8)]
    [InlineData(160, 8, 3, 6, 5)]
    [InlineData(384, 1, 1, 8, 12)]
    [InlineData(512, 8, 4, 8, 16)]
    [InlineData(16, 4, 2, 4, 1)]
    [InlineData(72, 1, 1, 6, 4)]
    public void A_lane_has_few_experts_and_a_group_whole_lanes(int experts, int groups, int kept, int chosen, int count) =>
        Assert.Equal(count, GateKernels.LaneExperts(new GateShape(groups, kept, chosen, true, 1), experts));

    [Theory]
    [InlineData(264, 8, 4, 8)]
    [InlineData(1024, 8, 4, 8)]
    [InlineData(96, 2, 1, 33)]
    public void Other_sizes_take_the_kernel_for_any(int experts, int groups, int kept, int chosen) =>
        Assert.Equal(0, GateKernels.LaneExperts(new GateShape(groups, kept, chosen, true, 1), experts));

    [Fact]
    public void Groups_that_are_all_kept_need_no_whole_lanes() =>
        Assert.Equal(12, GateKernels.LaneExperts(new GateShape(8, 8, 8, true, 1), 264));

    [Theory]
    [InlineData(8, 4, 8, true)]
    [InlineData(8, 5, 8, false)]
    [InlineData(8, 8, 8, false)]
    [InlineData(15, 7, 8, true)]
    [InlineData(8, 4, 16, true)]
    [InlineData(8, 3, 5, false)]
    public void Lanes_share_what_is_kept_where_that_is_at_most_half(int groups, int kept, int count, bool keepsHalf) =>
        Assert.Equal(keepsHalf, GateKernels.KeepsHalf(new GateShape(groups, kept, 6, true, 1), count));
}
