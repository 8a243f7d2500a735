using Actors.Schedules.Comparison;

namespace Actors.Schedules.Tests.Comparison;

public class ComparisonTableTests
{
    private static readonly ScheduleComparison Comparison = ScheduleComparison.Of(new ComparisonRequest(4, 10));

    [Fact]
    public void The_table_is_aligned_and_constraints_that_do_not_fit_come_below()
    {
        var lines = ComparisonTable.ToText(Comparison, width: 120).Split('\n');

        Assert.Equal("schedule                 ranks  stages  micro-batches  step  rank time  bubble  exposed  chunks  activations  parameters", lines[0]);
        Assert.Equal("1f1b                         4       4             10    39       15.6   23.1%     0.0%       4            4           1", lines[2]);
        Assert.Equal("dualpipev                    2       4             10    62       12.4    3.2%     0.0%       5            5           2", lines[9]);
        Assert.Equal(
            "* chimera needs at most 4 micro-batches at 4 ranks or a multiple of 4, not 10: use 8 or 12; shown with 12 micro-batches on 4 ranks",
            lines[12]);
        Assert.StartsWith("zb-search<=8 ", lines[11], StringComparison.Ordinal);
        Assert.Equal("gpipe: ranks >= 1, micro-batches >= 1", lines[13]);
        Assert.Equal(["zb-search: ranks >= 1, micro-batches >= 1, memory >= 1 chunk", ""], lines[^2..]);
    }

    [Fact]
    public void A_wide_table_has_the_constraint_as_its_last_column()
    {
        var lines = ComparisonTable.ToText(Comparison, ComparisonOrder.Memory).Split('\n');

        Assert.EndsWith("parameters  constraint", lines[0], StringComparison.Ordinal);
        Assert.Contains(lines, line => line.StartsWith("dualpipe ", StringComparison.Ordinal)
            && line.EndsWith("  ranks even and >= 2, micro-batches even and >= 2 x ranks", StringComparison.Ordinal));
    }

    [Fact]
    public void Markdown_has_a_row_a_schedule_and_the_refusals_below()
    {
        var lines = ComparisonTable.ToMarkdown(Comparison).Split('\n');

        Assert.Equal("| 1f1b | 4 | 4 | 10 | 39 | 15.6 | 23.1% | 0.0% | 4 | 4 | 1 | ranks >= 1, micro-batches >= 1 |", lines[3]);
        Assert.StartsWith("| chimera\\* | 4 | 4 | 12 |", lines[8], StringComparison.Ordinal);
        Assert.Equal("", lines[13]);
        Assert.StartsWith("- \\* chimera needs at most", lines[14], StringComparison.Ordinal);
        Assert.All(lines[..13], line => Assert.Equal(13, line.Count(c => c == '|')));
    }

    [Fact]
    public void Comma_separated_values_have_all_digits_and_the_refusal()
    {
        var lines = ComparisonTable.ToCsv(Comparison).Split('\n');

        Assert.Equal(
            "schedule,ranks,stages,micro-batches,step,rank time,bubble,exposed,chunks,activations,parameters,constraint,refusal", lines[0]);
        Assert.StartsWith("1f1b,4,4,10,39,15.6,0.23076923076923078,0,4,4,1,\"ranks >= 1, micro-batches >= 1\",\"\"", lines[2], StringComparison.Ordinal);
        Assert.EndsWith(",\"chimera needs at most 4 micro-batches at 4 ranks or a multiple of 4, not 10: use 8 or 12\"", lines[7], StringComparison.Ordinal);
    }

    [Fact]
    public void A_schedule_without_numbers_has_dashes()
    {
        var far = ScheduleComparison.Of(new ComparisonRequest(3000, 1));

        Assert.Matches("(?m)^dualpipe\\*( +-){10}", ComparisonTable.ToText(far));
        Assert.Contains("\ndualpipe,,,,,,,,,,,\"", ComparisonTable.ToCsv(far), StringComparison.Ordinal);
    }
}
