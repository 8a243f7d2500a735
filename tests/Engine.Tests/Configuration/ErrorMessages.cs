using Akka.Configuration;

namespace Akka.Tests.Configuration;

/// <summary>An error is one line that says where, what was expected and what was found.</summary>
public sealed class ErrorMessages
{
    [Theory]
    [InlineData("a = 1\nb = ]", "line 2, column 5: expected a value, but found ']'.")]
    [InlineData("a = 1\n  b 2\nc", "line 3, column 1: expected '=', ':', '+=' or '{' after the key \"b 2\", but found 'c'.")]
    [InlineData("a", "line 1, column 2: expected '=', ':', '+=' or '{' after the key a, but found the end of the text.")]
    [InlineData("a {\n b = 1\n", "line 3, column 1: expected a key or '}' for the '{' of line 1, column 3, but found the end of the text.")]
    [InlineData("a = [1,\n 2", "line 2, column 3: expected a value or ']' for the '[' of line 1, column 5, but found the end of the text.")]
    [InlineData("a = 1\n}", "line 2, column 1: expected a key, because no '{' is open, but found '}'.")]
    [InlineData("u = http://x", "line 1, column 9: expected ',', a new line or '}'; a value with this character needs quotes, but found ':'.")]
    [InlineData("a = \"x\nb = 1", "line 1, column 5: this string has no closing quote on its line; close it, or use \"\"\" for several lines.")]
    [InlineData("a = \"x\\qy\"", "line 1, column 7: unknown escape; a string knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits.")]
    [InlineData("a.b..c = 1", "line 1, column 5: expected a key before '.'; an empty key is written as \"\".")]
    [InlineData("a = [1]\na = x [1]", "line 2, column 5: a string can't be joined with an array; part them by ',' or a new line.")]
    [InlineData("a = 1\na += 2", "line 2, column 1: '+=' adds to an array, but the earlier value, at line 1, column 5, is none.")]
    [InlineData("a {\n  b = ${a}\n}", "line 1, column 3: this value is asked for inside itself, at a.b; break the cycle of substitutions.")]
    [InlineData("[1]", "line 1, column 1: the root is a list, but must be an object.")]
    public void A_malformed_text_is_reported_with_its_place(string hocon, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ConfigurationException>(() => ConfigurationFactory.ParseString(hocon)).Message);

    [Fact]
    public void A_value_of_the_wrong_form_is_reported_with_key_text_and_form()
    {
        Config config = "a {\n  b = ten, \"c.d\" = [1, x], n = null, o {}\n t = 5 fortnights, neg = -1s, big = 3000000000, huge = 8EiB\n}";
        Assert.Equal("line 2, column 7: a.b is \"ten\", but must be a whole number of 32 bits.", Message(() => config.GetInt("a.b")));
        Assert.Equal("line 2, column 7: a.b is \"ten\", but must be a number.", Message(() => config.GetDouble("a.b")));
        Assert.Equal("line 2, column 7: a.b is \"ten\", but must be true or false.", Message(() => config.GetConfig("a")!.GetBoolean("b")));
        Assert.Equal("line 2, column 24: a.\"c.d\"[1] is \"x\", but must be a whole number of 32 bits.", Message(() => config.GetIntList("a.\"c.d\"")));
        Assert.Equal("line 2, column 20: a.\"c.d\" is a list, but must be a string.", Message(() => config.GetString("a.\"c.d\"")));
        Assert.Equal("line 2, column 32: a.n is null, but must be a whole number of 64 bits.", Message(() => config.GetLong("a.n")));
        Assert.Equal("line 2, column 40: a.o is an object, but must be true or false.", Message(() => config.GetBoolean("a.o")));
        Assert.Equal("line 2, column 7: a.b is \"ten\", but must be an object.", Message(() => config.GetConfig("a.b")));
        Assert.Equal("line 3, column 6: a.t is \"5 fortnights\", but must be a time such as 500ms, 10s or 2 minutes, or infinite.", Message(() => config.GetTimeSpan("a.t")));
        Assert.Equal("line 3, column 26: a.neg is \"-1s\", but must be a time such as 500ms, 10s or 2 minutes.", Message(() => config.GetTimeSpan("a.neg", null, false)));
        Assert.Equal("line 3, column 37: a.big is \"3000000000\", but must be a whole number of 32 bits.", Message(() => config.GetInt("a.big")));
        Assert.Equal("line 3, column 56: a.huge is \"8EiB\", but must be a size such as 512, 64KiB or 10MB.", Message(() => config.GetByteSize("a.huge")));
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1e999")]
    [InlineData("0x10")]
    [InlineData("\"1,5\"")]
    [InlineData("\"\"")]
    public void What_JSON_has_no_number_for_is_no_number(string text)
    {
        Config config = ConfigurationFactory.ParseString($"a = {text}");
        Assert.ThrowsAny<ConfigurationException>(() => config.GetDouble("a"));
        Assert.ThrowsAny<ConfigurationException>(() => config.GetFloat("a"));
        Assert.ThrowsAny<ConfigurationException>(() => config.GetTimeSpan("a"));
        Assert.ThrowsAny<ConfigurationException>(() => config.GetByteSize("a"));
    }

    [Fact]
    public void An_embedded_text_is_named_and_a_missing_one_too()
    {
        string message = Assert.Throws<ConfigurationException>(() => ConfigurationFactory.FromResource<Config>("gone.conf")).Message;
        Assert.Equal("Actors.Engine has no embedded resource 'gone.conf'.", message);
    }

    [Fact]
    public void A_missing_configuration_names_the_type_that_needs_it()
    {
        Assert.Equal("String needs a configuration, but there is nothing at 'a.b'.", ConfigurationException.NullOrEmptyConfig<string>("a.b").Message);
        Assert.Equal("String needs a configuration, but it is null or empty.", ConfigurationException.NullOrEmptyConfig<string>().Message);
    }

    private static string Message(Action action) => Assert.ThrowsAny<ConfigurationException>(action).Message;
}
