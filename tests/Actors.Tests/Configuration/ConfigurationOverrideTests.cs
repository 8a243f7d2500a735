using Actors.Runtime.Configuration;
using Akka.Configuration;

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

    [Theory]
    [InlineData("actors.inference.temperature=0,8")]
    [InlineData("actors.training.steps=1,000")]
    [InlineData("actors.training.steps=5, actors.training.seed=7")]
    [InlineData("actors.training.steps=5\nactors.training.seed=7")]
    [InlineData("actors.data.paths=[a],[b]")]
    [InlineData("actors.data.paths=\"a\",\"b\"")]
    public void A_value_that_ends_before_its_text_is_refused(string text)
    {
        var error = Assert.Throws<ConfigurationException>(() => ConfigurationOverride.Parse(text));

        Assert.EndsWith(
            ": a comma or a line break ends a value; write a decimal point, a list in [ ], or a text in double quotes, and one --set for each key.",
            error.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }
}
