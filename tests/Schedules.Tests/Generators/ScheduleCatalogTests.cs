namespace Actors.Schedules.Tests.Generators;

public class ScheduleCatalogTests
{
    [Theory]
    [InlineData("dualpipe")]
    [InlineData("1F1B")]
    [InlineData("Forward")]
    public void A_schedule_is_found_by_name_whatever_the_case(string name)
    {
        var timetable = ScheduleCatalog.Create(name, new PipelineSize(4, 8));
        Assert.Equal(name.ToLowerInvariant(), timetable.Schedule);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_known_ones()
    {
        Assert.False(ScheduleCatalog.TryFind("dualpip", out _, out var error));
        Assert.Equal(
            "unknown schedule 'dualpip': did you mean dualpipe? Use one of gpipe, 1f1b, interleaved-1f1b, zb1p, interleaved-zero-bubble, zbv, "
            + "chimera, dualpipe, dualpipev, forward",
            error);
    }
}
