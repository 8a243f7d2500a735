namespace Actors.Schedules.Tests;

public class EditDistanceTests
{
    [Theory]
    [InlineData("", "", 0)]
    [InlineData("zbv", "zbv", 0)]
    [InlineData("", "zbv", 3)]
    [InlineData("dualpip", "dualpipe", 1)]
    [InlineData("gpipes", "gpipe", 1)]
    [InlineData("zbx", "zbv", 1)]
    [InlineData("1fb1", "1f1b", 2)]
    [InlineData("kitten", "sitting", 3)]
    public void It_counts_insertions_deletions_and_replacements(string from, string to, int distance)
    {
        Assert.Equal(distance, EditDistance.Between(from, to));
        Assert.Equal(distance, EditDistance.Between(to, from));
    }
}
