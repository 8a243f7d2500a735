using FsCheck;
using FsCheck.Fluent;

namespace Actors.Schedules.Tests;

public class StageActionTests
{
    [Theory]
    [InlineData("2F0", ActionKind.Forward, 2, 0)]
    [InlineData("0I3", ActionKind.BackwardInput, 0, 3)]
    [InlineData("0W3", ActionKind.BackwardWeights, 0, 3)]
    [InlineData("12B345", ActionKind.Backward, 12, 345)]
    [InlineData("  7F1 ", ActionKind.Forward, 7, 1)]
    [InlineData("0SEND_F3", ActionKind.SendForward, 0, 3)]
    [InlineData("1RECV_F3", ActionKind.ReceiveForward, 1, 3)]
    [InlineData("11SEND_B0", ActionKind.SendBackward, 11, 0)]
    [InlineData("10RECV_B0", ActionKind.ReceiveBackward, 10, 0)]
    public void Single_actions_are_read(string text, ActionKind kind, int stage, int microBatch)
    {
        var action = StageAction.Parse(text);
        Assert.Equal((kind, stage, microBatch), (action.Kind, action.Stage, action.MicroBatch));
        Assert.Equal(text.Trim(), action.ToString());
    }

    [Fact]
    public void A_pair_is_read_with_both_parts()
    {
        var pair = StageAction.Parse("(0F3; 3B1)OVERLAP_F_B");
        Assert.Equal(StageAction.Pair(0, 3, 3, 1), pair);
        Assert.Equal(StageAction.Forward(0, 3), pair.ForwardPart);
        Assert.Equal(StageAction.Backward(3, 1), pair.BackwardPart);
        Assert.Equal("(0F3;3B1)OVERLAP_F_B", pair.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("F0")]
    [InlineData("0F")]
    [InlineData("0X3")]
    [InlineData("0F-1")]
    [InlineData("0F3x")]
    [InlineData("0f3")]
    [InlineData("0SEND_F")]
    [InlineData("SEND_F0")]
    [InlineData("0SENDF3")]
    [InlineData("0SEND_W3")]
    [InlineData("0SEND_F3F")]
    [InlineData("3")]
    [InlineData("(0SEND_F3;3B1)OVERLAP_F_B")]
    [InlineData("99999999999F0")]
    [InlineData("(0F3;3B1)")]
    [InlineData("(0F3;3B1)OVERLAP_F")]
    [InlineData("(0F3)OVERLAP_F_B")]
    [InlineData("(0B3;3F1)OVERLAP_F_B")]
    [InlineData("(0F3;3B1")]
    [InlineData("(;)OVERLAP_F_B")]
    [InlineData(")OVERLAP_F_B;")]
    [InlineData("();OVERLAP_F_B")]
    [InlineData("(0F3)OVERLAP_F_B;3B1)OVERLAP_F_B")]
    public void Other_text_is_refused_with_the_text_and_the_form(string text)
    {
        Assert.False(StageAction.TryParse(text, out _, out var error));
        Assert.StartsWith($"'{text}' is not an action: write <stage>F<micro-batch>", error);
        Assert.Throws<FormatException>(() => StageAction.Parse(text));
    }

    [Fact]
    public void A_long_torn_text_is_shortened_in_the_error()
    {
        Assert.False(StageAction.TryParse(new string('x', 10_000) + "\n", out _, out var error));
        Assert.InRange(error.Length, 1, 250);
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void Text_and_back_is_the_same_action()
        => Prop.ForAll(ActionGenerators.Action.ToArbitrary(), action => StageAction.Parse(action.ToString()) == action)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_longest_text_fits_and_a_shorter_span_is_refused()
    {
        var longest = StageAction.Pair(int.MaxValue, int.MaxValue, int.MaxValue, int.MaxValue);
        var text = new char[StageAction.MaxTextLength];

        Assert.True(longest.TryFormat(text, out var length));
        Assert.Equal(StageAction.MaxTextLength, length);
        for (var shorter = 0; shorter < length; shorter++)
        {
            Assert.False(longest.TryFormat(text.AsSpan(0, shorter), out _));
        }
    }

    [Fact]
    public void Formatting_and_parsing_in_spans_allocates_nothing()
    {
        Span<char> text = stackalloc char[StageAction.MaxTextLength];
        var pair = StageAction.Pair(11, 222, 3, 4444);
        pair.TryFormat(text, out var length);
        StageAction.TryParse(text[..length], out _, out _);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            pair.TryFormat(text, out length);
            StageAction.TryParse(text[..length], out _, out _);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void The_default_action_is_the_first_forward() => Assert.Equal(StageAction.Forward(0, 0), default);

    [Fact]
    public void A_single_action_has_no_parts()
        => Assert.Throws<InvalidOperationException>(() => StageAction.Forward(0, 0).BackwardPart);
}
