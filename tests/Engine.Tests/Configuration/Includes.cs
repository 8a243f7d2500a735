using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Akka.Tests.Configuration;

/// <summary>The specification's section on includes, over a file system that is a dictionary.</summary>
public sealed class Includes
{
    private readonly Dictionary<string, string> _files = [];

    [Theory]
    [InlineData("include \"x\"")]
    [InlineData("include\n  \"x\"")]
    [InlineData("include\"x\"")]
    [InlineData("include file(\"x\")")]
    [InlineData("include file( \"x\" )")]
    [InlineData("include required(\"x\")")]
    [InlineData("include required( file(\"x\") )")]
    public void Every_form_of_the_statement_reads_the_named_text(string statement)
    {
        _files["x"] = "a = 1";
        Assert.Equal("{a:1,b:2}", Show($"{statement}\nb = 2"));
        Assert.Equal("{a:1,b:2}", Show($"{{{statement}, b = 2}}"));
    }

    [Theory]
    [InlineData("include x")]
    [InlineData("include = 1")]
    [InlineData("include")]
    [InlineData("include url(\"x\")")]
    [InlineData("include file(x)")]
    [InlineData("include file(\"x\"")]
    [InlineData("include required \"x\"")]
    [InlineData("include \"x\" \"y\"")]
    [InlineData("include ${x}")]
    public void Every_other_form_is_an_error(string statement) => Assert.ThrowsAny<ConfigurationException>(() => Show(statement));

    [Theory]
    [InlineData("\"include\" = 1", "{include:1}")]
    [InlineData("foo include = 1", "{foo include:1}")]
    [InlineData("a = include", "{a:include}")]
    [InlineData("a = [include]", "{a:[include]}")]
    [InlineData("included = 1", "{included:1}")]
    [InlineData("include-x = 1", "{include-x:1}")]
    public void The_word_means_an_include_only_where_a_key_begins(string hocon, string shown) => Assert.Equal(shown, Show(hocon));

    [Fact]
    public void An_included_object_merges_at_its_place()
    {
        _files["x"] = "a { p = 2, q = 2 }, b = 2, l += 2";
        Assert.Equal("{a:{o:1,p:2,q:3},b:3,l:[1,2,3]}", Show("a { o = 1, p = 1 }, b = 1, l = [1]\ninclude \"x\"\na { q = 3 }, b = 3, l += 3"));
    }

    [Fact]
    public void A_missing_include_is_empty_unless_it_is_required()
    {
        Assert.Equal("{a:1}", Show("include \"gone\"\na = 1"));
        Assert.Equal("line 2, column 1: the required include \"gone\" does not exist; create it, or drop required().", Fail("a = 1\ninclude required(\"gone\")"));
    }

    [Fact]
    public void A_file_that_the_callback_does_not_find_is_missing_too()
    {
        string path = Path.Combine(Path.GetTempPath(), "no-such-folder-of-engine-tests", "x.conf");
        Assert.Equal("{}", Shown.Of(ConfigurationFactory.ParseString("include \"x\"", _ => Parser.Parse(File.ReadAllText(path), null))));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        string message = Assert.ThrowsAny<ConfigurationException>(
            () => ConfigurationFactory.ParseString("include \"x\"", _ => throw new IOException("the disk is gone"))).Message;
        Assert.Equal("line 1, column 1: the include \"x\" can't be read: the disk is gone", message);
    }

    [Fact]
    public void Substitutions_look_below_the_place_of_the_include_and_then_at_the_root()
    {
        _files["x"] = "p = 10, q = ${p}, r = ${s}";
        Assert.Equal("{a:{p:10,q:10,r:1},s:1}", Show("a { include \"x\" }, s = 1"));
        Assert.Equal("{a:{p:42,q:42,r:1},s:1}", Show("a { include \"x\" }, a { p = 42 }, s = 1"));
        _files["y"] = "s = 2";
        _files["z"] = "p = 10, q = ${p}, r = ${a.s}";
        Assert.Equal("{a:{b:{p:10,q:10,r:2},s:2}}", Show("a.b { include \"z\" }, a { include \"y\" }"));
    }

    [Fact]
    public void A_nested_include_is_looked_up_from_the_inside_out()
    {
        _files["outer"] = "k = outer, only-outer = 1, inner { include \"inner\" }";
        _files["inner"] = "k = inner, own = ${k}, up = ${only-outer}, top = ${only-top}";
        Assert.Equal(
            "{a:{inner:{k:inner,own:inner,top:0,up:1},k:outer,only-outer:1},only-top:0}",
            Show("a { include \"outer\" }, only-top = 0"));
    }

    [Fact]
    public void One_text_may_be_included_in_several_places()
    {
        HoconRoot shared = Parser.Parse("p = 1, q = ${p}", null);
        Config config = ConfigurationFactory.ParseString("a { include \"x\" }, b { p = 2, include \"x\", p = 3 }", _ => shared);
        Assert.Equal("{a:{p:1,q:1},b:{p:3,q:3}}", Shown.Of(config));
    }

    [Fact]
    public void A_finished_configuration_can_be_included()
    {
        Config ready = "p = 1, l = [1, { x = null }]";
        Assert.Equal("{a:{l:[1,{x:null}],p:1}}", Shown.Of(ConfigurationFactory.ParseString("a { include \"x\" }", _ => new HoconRoot(ready.Root))));
    }

    [Fact]
    public void An_included_array_is_an_error()
    {
        _files["x"] = "[1]";
        Assert.Contains("only an object can be included", Fail("include \"x\""));
    }

    [Fact]
    public void A_cycle_of_includes_is_an_error_that_names_the_text()
    {
        _files["x"] = "include \"y\"";
        _files["y"] = "include \"x\"";
        Assert.Matches("^[xy], line 1, column 1: includes nest deeper than 32 texts", Fail("include \"x\""));
        Assert.Equal("{}", Show("include \"z\""));
    }

    [Fact]
    public void Without_a_callback_an_include_is_an_error() =>
        Assert.Contains("pass an include callback", Assert.ThrowsAny<ConfigurationException>(() => ConfigurationFactory.ParseString("include \"x\"")).Message);

    [Fact]
    public void Errors_name_the_included_text()
    {
        _files["outer.conf"] = "include \"inner.conf\"";
        _files["inner.conf"] = "a = 1\nb = ]";
        Assert.StartsWith("inner.conf, line 2, column 5: expected a value, but found ']'", Fail("include \"outer.conf\""));
        _files["inner.conf"] = "a = 1\nb = ${nope}";
        Assert.StartsWith("inner.conf, line 2, column 5: ${nope} has no value", Fail("include \"outer.conf\""));
        _files["inner.conf"] = "a = 1\nb = x";
        Config config = Parse("include \"outer.conf\"");
        string message = Assert.ThrowsAny<ConfigurationException>(() => config.GetInt("b")).Message;
        Assert.Equal("inner.conf, line 2, column 5: b is \"x\", but must be a whole number of 32 bits.", message);
    }

    private string Show(string hocon) => Shown.Of(Parse(hocon));

    private string Fail(string hocon) => Assert.ThrowsAny<ConfigurationException>(() => Parse(hocon)).Message;

    private Config Parse(string hocon) => ConfigurationFactory.ParseString(hocon, Load);

    private HoconRoot? Load(string name) => _files.TryGetValue(name, out string? text) ? Parser.Parse(text, Load) : null;
}
