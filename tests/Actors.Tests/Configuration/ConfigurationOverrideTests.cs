using Actors.Runtime.Configuration;

namespace Actors.Runtime.Tests.Configuration;

public sealed class ConfigurationOverrideTests
{
    [Theory]
    [InlineData("a=0.8", "0.8")]
    [InlineData("a = [1, 2] ", "[1, 2]")]
    [InlineData("a={ b = 1, c = [2, 3] }", "{ b = 1, c = [2, 3] }")]
    [InlineData("a=\"one, two\"", "\"one, two\"")]
    [InlineData("a=\"a quote \\\", and more\"", "\"a quote \\\", and more\"")]
    [InlineData("a=\"\"\"one, \n two\"\"\"", "\"\"\"one, \n two\"\"\"")]
    [InlineData("a=", "")]
    public void A_value_is_what_follows_the_equals_sign(string text, string value) => Assert.Equal(value, ConfigurationOverride.Parse(text).Value);
}
