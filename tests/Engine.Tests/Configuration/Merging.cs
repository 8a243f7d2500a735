using Akka.Configuration;

namespace Akka.Tests.Configuration;

/// <summary>The specification's sections on duplicate keys, concatenation and path expressions.</summary>
public sealed class Merging
{
    [Theory]
    [InlineData("a = 1, a = 2", "{a:2}")]
    [InlineData("a { x = 1 }, a { y = 2 }", "{a:{x:1,y:2}}")]
    [InlineData("a { x = 1 }, a { x = 2, y = 3 }", "{a:{x:2,y:3}}")]
    [InlineData("a { b { x = 1 } }, a { b { y = 2 } }", "{a:{b:{x:1,y:2}}}")]
    [InlineData("a { x = 1 }, a = null, a { y = 2 }", "{a:{y:2}}")]
    [InlineData("a = 1, a { y = 2 }", "{a:{y:2}}")]
    [InlineData("a { y = 2 }, a = 1", "{a:1}")]
    [InlineData("a = [1], a = [2]", "{a:[2]}")]
    public void Later_values_override_and_objects_merge(string hocon, string shown) => Assert.Equal(shown, Shown.Of(hocon));

    [Theory]
    [InlineData("a =  foo bar  baz  ", "{a:foo bar  baz}")]
    [InlineData("a = foo \"bar baz\"", "{a:foo bar baz}")]
    [InlineData("a = 1 2.50 true null", "{a:1 2.50 true null}")]
    [InlineData("a = foo\"\"bar", "{a:foobar}")]
    [InlineData("a = \" x \" ", "{a: x }")]
    [InlineData("a = [ 1 2 3 ]", "{a:[1 2 3]}")]
    [InlineData("a = [ 1 \n 2, 3 4 ]", "{a:[1,2,3 4]}")]
    public void Simple_values_on_a_line_join_with_the_space_between(string hocon, string shown) => Assert.Equal(shown, Shown.Of(hocon));

    [Theory]
    [InlineData("a = [1, 2] [3]", "{a:[1,2,3]}")]
    [InlineData("a = [1][2]", "{a:[1,2]}")]
    [InlineData("a = [ [1, 2] [3] ]", "{a:[[1,2,3]]}")]
    [InlineData("a = [ [1, 2]\n [3] ]", "{a:[[1,2],[3]]}")]
    [InlineData("a = { b : 1 } { c : 2 }", "{a:{b:1,c:2}}")]
    [InlineData("a = { b : 1 } { b : 2 }", "{a:{b:2}}")]
    [InlineData("a { b = 1 } { c { d = 1 } } { c { e = 2 } }", "{a:{b:1,c:{d:1,e:2}}}")]
    [InlineData("base { n = 6 }, east = ${base} { name = \"east\" }", "{base:{n:6},east:{n:6,name:east}}")]
    [InlineData("l = [1], a = ${l} ${l} [2]", "{a:[1,1,2],l:[1]}")]
    [InlineData("o { x = 1 }, a = ${o} ${o}", "{a:{x:1},o:{x:1}}")]
    public void Arrays_join_and_objects_merge_on_a_line(string hocon, string shown) => Assert.Equal(shown, Shown.Of(hocon));

    [Theory]
    [InlineData("a = [1] x")]
    [InlineData("a = x [1]")]
    [InlineData("a = { b : 1 } x")]
    [InlineData("a = { b : 1 } [1]")]
    [InlineData("a = [1] \" \" [2]")]
    [InlineData("o { x = 1 }, a = ${o}x")]
    [InlineData("a = [1] null")]
    public void Mixed_kinds_do_not_join(string hocon) =>
        Assert.ThrowsAny<ConfigurationException>(() => ConfigurationFactory.ParseString(hocon));

    [Theory]
    [InlineData("a.b.c = 1", "{a:{b:{c:1}}}")]
    [InlineData("a.x = 1, a.y = 2", "{a:{x:1,y:2}}")]
    [InlineData("a.b { c = 1 }", "{a:{b:{c:1}}}")]
    [InlineData("a.\"b.c\".d = 1", "{a:{b.c:{d:1}}}")]
    [InlineData("a.\"\".b = 1", "{a:{:{b:1}}}")]
    [InlineData("\"\" = 1", "{:1}")]
    [InlineData("10.0foo = 1", "{10:{0foo:1}}")]
    [InlineData("foo10.0 = 1", "{foo10:{0:1}}")]
    [InlineData("foo\"10.0\" = 1", "{foo10.0:1}")]
    [InlineData("1.2.3 = 4", "{1:{2:{3:4}}}")]
    [InlineData("3.14 = 42", "{3:{14:42}}")]
    [InlineData("true = 42", "{true:42}")]
    [InlineData("null = 42", "{null:42}")]
    [InlineData("a b c = 42", "{a b c:42}")]
    [InlineData("a  \"b\" = 42", "{a  b:42}")]
    [InlineData("/user/worker = 1", "{/user/worker:1}")]
    [InlineData("a.b = 1, a = 2, a.c = 3", "{a:{c:3}}")]
    public void Keys_are_path_expressions(string hocon, string shown) => Assert.Equal(shown, Shown.Of(hocon));

    [Theory]
    [InlineData("a", "1")]
    [InlineData("b.c", "2")]
    [InlineData("\"b\".\"c\"", "2")]
    [InlineData("b.\"d.e\"", "3")]
    [InlineData("/w.x", "4")]
    public void Settings_are_read_by_path(string path, string text) =>
        Assert.Equal(text, ConfigurationFactory.ParseString("a=1, b { c=2, \"d.e\"=3 }, /w.x=4").GetString(path));

    [Fact]
    public void A_path_through_a_string_or_past_the_end_finds_nothing()
    {
        Config config = ConfigurationFactory.ParseString("a = 1, b {}");
        Assert.False(config.HasPath("a.b"));
        Assert.False(config.HasPath("b.c"));
        Assert.Null(config.GetConfig("c"));
    }

    [Fact]
    public void Keys_keep_the_order_in_which_they_first_appear() =>
        Assert.Equal(["z", "m", "a"], ConfigurationFactory.ParseString("z = 1, m = 2, a = 3, z = 4").AsEnumerable().Select(e => e.Key));

    [Fact]
    public void Fallbacks_answer_where_there_is_no_value()
    {
        Config config = ConfigurationFactory.ParseString("a { x = 1 }, b = 2")
            .WithFallback(ConfigurationFactory.ParseString("a { x = 9, y = 3 }, c = 4"));
        Assert.Equal("{a:{x:1,y:3},b:2,c:4}", Shown.Of(config));
        Assert.Equal("{a:{x:1},b:2}", Shown.Of(config.ToString()));
        Assert.Equal("{a:{x:1,y:3},b:2,c:4}", Shown.Of(config.ToString(includeFallback: true)));
    }

    [Fact]
    public void A_value_between_two_objects_keeps_them_apart()
    {
        Config top = "a { x = 1 }", middle = "a = 42", bottom = "a { y = 2 }";
        Assert.Equal("{a:{x:1}}", Shown.Of(top.WithFallback(middle).WithFallback(bottom)));
        Assert.Equal("{a:{x:1}}", Shown.Of(top.WithFallback(middle.WithFallback(bottom))));
        Assert.Equal("{a:{x:1,y:2}}", Shown.Of(top.WithFallback(bottom).WithFallback(middle)));
        Assert.Equal("{a:{x:1}}", Shown.Of(((Config)"a = 42, a { x = 1 }").WithFallback(bottom)));
        Assert.Equal("{a:{x:1}}", Shown.Of(((Config)"a = null, a { x = 1 }").WithFallback(bottom)));
    }

    [Fact]
    public void Fallbacks_leave_both_sides_as_they_were()
    {
        Config top = "a { x = 1 }", bottom = "a { y = 2 }";
        Config merged = top.WithFallback(bottom);
        Assert.Equal("{a:{x:1}} {a:{y:2}} {a:{x:1,y:2}}", $"{Shown.Of(top)} {Shown.Of(bottom)} {Shown.Of(merged)}");
    }

    [Fact]
    public void Texts_and_nulls_can_stand_for_fallbacks()
    {
        Config config = "a = 1";
        Assert.Equal("{a:1,b:2}", Shown.Of(config + "a = 3, b = 2"));
        Assert.Equal("{a:3}", Shown.Of("a = 3" + config));
        Assert.Same(config, config.WithFallback(null));
        Assert.Same(config, Config.Empty.WithFallback(config));
        Assert.Same(config, config.SafeWithFallback(config));
        Assert.Same(config, ((Config?)null).SafeWithFallback(config));
        Assert.True(ConfigurationFactory.Empty.IsNullOrEmpty());
        Assert.Throws<ArgumentException>(() => config.WithFallback(config));
    }

    [Fact]
    public void A_value_becomes_a_configuration_of_its_own()
    {
        Config config = "a { b { c = 1 } }";
        Assert.Equal("{b:{c:1}}", Shown.Of(config.GetConfig("a")!));
        Assert.Equal("{c:1}", Shown.Of(config.GetValue("a.b")!.ToConfig()));
        Assert.Equal("{k.l:{c:1}}", Shown.Of(config.GetValue("a.b")!.AtKey("k.l")));
        Assert.True(config.Root.GetObject()!.Unwrapped["a"] is IDictionary<string, object> inner && inner.ContainsKey("b"));
    }
}
