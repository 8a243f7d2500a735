using Actors.Model.Placement;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Fabric.Layout;

public sealed class GroupShapeTests
{
    [Theory]
    [InlineData(4, 8, 8, "4 expert ranks do not fill nodes of 8 ranks; use a divisor of 4.")]
    [InlineData(4, 3, 8, "4 expert ranks do not fill nodes of 3 ranks; use a divisor of 4.")]
    [InlineData(4, 2, 9, "9 routed experts do not divide over 4 ranks, and every rank holds as many; use a divisor of 9.")]
    [InlineData(
        128, 1, 128, "128 expert ranks in nodes of 1 need 128 nodes, and a layer's experts may span 64; use more ranks a node.")]
    [InlineData(1, 1, 1, "A token cannot choose 2 of 1 experts.")]
    public void What_is_no_group_is_refused_with_the_rule(int ranks, int ranksPerNode, int experts, string rule) =>
        Assert.Equal(rule, Assert.Throws<ArgumentException>(() => new GroupShape(ranks, ranksPerNode, experts, choices: 2, columns: 1)).Message);

    [Fact]
    public void Groups_of_equal_numbers_are_equal() =>
        Assert.Equal(new GroupShape(4, 2, 8, 2, 1), new GroupShape(4, 2, 8, 2, 1));

    /// <summary>Codes have a byte an element and four a tile; sums come back as rows are stored.</summary>
    [Theory]
    [InlineData(false, false, 512, 512)]
    [InlineData(true, false, 264, 512)]
    [InlineData(false, true, 512, 264)]
    [InlineData(true, true, 264, 264)]
    public void Rows_go_out_as_each_phase_says_and_come_back_as_they_are_stored(bool sendsCodes, bool sendsGradientCodes, int tokens, int gradients)
    {
        var shape = new GroupShape(new ExpertPlacement(8, 4, 2), choices: 2, columns: 256, ElementType.BFloat16, sendsCodes, sendsGradientCodes);

        Assert.Equal((tokens, gradients, 512), (shape.Sent(ExchangePhase.Forward).Bytes, shape.Sent(ExchangePhase.Backward).Bytes, shape.Returned.Bytes));
        Assert.Equal(Math.Max(tokens, gradients), shape.MostSentBytes);
    }
}
