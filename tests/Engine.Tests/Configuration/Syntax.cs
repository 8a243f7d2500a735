using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Akka.Tests.Configuration;

/// <summary>The specification's sections from "Unchanged from JSON" to "Multi-line strings".</summary>
public sealed class Syntax
{
    [Theory]
    [InlineData("a = 1 # x = 2\nb = 2 // b = 3", "{a:1,b:2}")]
    [InlineData("# only a comment", "{}")]
    [InlineData("a = \"x#y//z\"", "{a:x#y//z}")]
    [InlineData("a = x//y", "{a:x}")]
    [InlineData("a = x/y", "{a:x/y}")]
    public void Comments_reach_to_the_end_of_the_line(string hocon, string shown) => Assert.Equal(shown, Shown.Of(hocon));

    [Theory]
    [InlineData("", "{}")]
    [InlineData(" \n ", "{}")]
    [InlineData("{ a : 1 }", "{a:1}")]
    [InlineData("a : 1", "{a:1}")]
    [InlineData("\ufeffa : 1", "{a:1}")]
    [InlineData("\ufeff{\"a\":1}", "{a:1}")]
    public void Root_braces_and_a_byte_order_mark_are_optional(string hocon, string shown) => Assert.Equal(shown, Shown.Of(hocon));

    [Theory]
    [InlineData("a=1")]
    [InlineData("a:1")]
    [InlineData("\"a\"\n:\n1")]
    [InlineData("a =\n\n 1")]
    public void Keys_and_values_are_parted_by_a_colon_or_an_equals_sign(string hocon) => Assert.Equal("{a:1}", Shown.Of(hocon));

    [Fact]
    public void The_separator_may_be_left_out_before_an_object() => Assert.Equal("{a:{b:{c:1}}}", Shown.Of("a { \"b\"{c=1} }"));

    [Theory]
    [InlineData("a = [1,2,3,]")]
    [InlineData("a = [1\n2\n3]")]
    [InlineData("a = [ 1 , \n 2 \n , 3 \n ]")]
    [InlineData("a = [\r\n1\r\n2 # two\r\n3\r\n]")]
    public void A_newline_or_a_comma_parts_elements(string hocon) => Assert.Equal("{a:[1,2,3]}", Shown.Of(hocon));

    [Theory]
    [InlineData("a=1,b=2,")]
    [InlineData("a=1\nb=2\n")]
    [InlineData("{a=1\n,\nb=2}")]
    public void A_newline_or_a_comma_parts_fields(string hocon) => Assert.Equal("{a:1,b:2}", Shown.Of(hocon));

    [Theory]
    [InlineData("a = [1,2,,]")]
    [InlineData("a = [,1]")]
    [InlineData("a = [1,,2]")]
    [InlineData("{a=1,,b=2}")]
    [InlineData("{,a=1}")]
    [InlineData("a=1,,")]
    [InlineData("{a=1}}")]
    [InlineData("a=1}")]
    [InlineData("{a=1")]
    [InlineData("a=[1")]
    [InlineData("a=[1}")]
    [InlineData("a={b=1]")]
    [InlineData("{a=1} b=2")]
    [InlineData("a=")]
    [InlineData("a")]
    [InlineData("=1")]
    [InlineData("a = b = c")]
    [InlineData("a = x$y")]
    [InlineData("a = x+y")]
    [InlineData("a = `x`")]
    [InlineData("a = \"x\ny\"")]
    [InlineData("a = \"x\ty\"")]
    [InlineData("a = \"\\q\"")]
    [InlineData("a = \"\\u12\"")]
    [InlineData("a = \"\\u+123\"")]
    [InlineData("a = \"\"\"x\"\"")]
    [InlineData("a..b = 1")]
    [InlineData(".a = 1")]
    [InlineData("a. = 1")]
    [InlineData("${a} = 1")]
    [InlineData("a ${b} = 1")]
    [InlineData("[a] = 1")]
    [InlineData("a = ${b${c}}")]
    [InlineData("a = ${ ?b}")]
    [InlineData("a = ${}")]
    [InlineData("a = ${b")]
    [InlineData("[1, 2]")]
    public void What_the_specification_forbids_is_an_error(string hocon) =>
        Assert.ThrowsAny<ConfigurationException>(() => ConfigurationFactory.ParseString(hocon));

    [Fact]
    public void Every_kind_of_white_space_counts()
    {
        const string Spaces = "\t\v\f\r\u001c\u001d\u001e\u001f \u00a0\u2007\u202f\u2028\u2029\u3000\ufeff";
        Assert.Equal("{a:1}", Shown.Of($"{Spaces}a{Spaces}={Spaces}1{Spaces}"));
    }

    [Theory]
    [InlineData("a = x\u0085y", "{a:x\u0085y}")]
    [InlineData("a = grüße-ß_1.2/3;%~|<>()'", "{a:grüße-ß_1.2/3;%~|<>()'}")]
    [InlineData("a = truefoo", "{a:truefoo}")]
    [InlineData("a = 10.0bar", "{a:10.0bar}")]
    [InlineData("a = bar10.0", "{a:bar10.0}")]
    [InlineData("a = -x", "{a:-x}")]
    [InlineData("a = 1e+5", "{a:1e+5}")]
    [InlineData("a = -1.5E-3", "{a:-1.5E-3}")]
    public void Unquoted_text_is_taken_literally(string hocon, string shown) => Assert.Equal(shown, Shown.Of(hocon));

    [Fact]
    public void Quoted_strings_know_the_escapes_of_JSON() =>
        Assert.Equal("\"\\/\b\f\n\r\té😀", ConfigurationFactory.ParseString(
            """a = "\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00" """).GetString("a"));

    [Theory]
    [InlineData("\"\"\"x\"\"\"", "x")]
    [InlineData("\"\"\"x\n y\\n\"z\"\"\"", "x\n y\\n\"z")]
    [InlineData("\"\"\"x\"\"\"\"", "x\"")]
    [InlineData("\"\"\"x\"\"\"\"\"", "x\"\"")]
    [InlineData("\"\"\"\"\"\"", "")]
    [InlineData("\"\"", "")]
    public void Triple_quotes_keep_every_character(string literal, string text) =>
        Assert.Equal(text, ConfigurationFactory.ParseString($"a = {literal}\nb = 1").GetString("a"));

    [Fact]
    public void A_multi_line_string_keeps_count_of_lines()
    {
        var error = Assert.ThrowsAny<ConfigurationException>(() => ConfigurationFactory.ParseString("a = \"\"\"1\n2\n3\"\"\" b ]"));
        Assert.Contains("line 3, column 8", error.Message);
    }

    [Fact]
    public void The_root_of_a_document_may_be_an_array() =>
        Assert.Equal("[1,{a:2}]", Shown.Of(Parser.Parse("[1, {a = 2}]", null).Value));

    [Fact]
    public void Null_is_a_value_and_the_quoted_word_is_a_string()
    {
        Config config = ConfigurationFactory.ParseString("a = null, b = \"null\"");
        Assert.True(config.HasPath("a"));
        Assert.Null(config.GetString("a"));
        Assert.Equal("null", config.GetString("b"));
    }
}
