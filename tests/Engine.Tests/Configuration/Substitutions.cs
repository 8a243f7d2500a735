using Akka.Configuration;

namespace Akka.Tests.Configuration;

/// <summary>The specification's sections on substitutions, self-references and "+=".</summary>
public sealed class Substitutions
{
    [Theory]
    [InlineData("a = ${b}, b = 1", "{a:1,b:1}")]
    [InlineData("a = ${b.c}, b { c = [1, 2] }", "{a:[1,2],b:{c:[1,2]}}")]
    [InlineData("b = 1, a = ${b}, b = 2", "{a:2,b:2}")]
    [InlineData("b { x = 1 }, a = ${b}, b { y = 2 }", "{a:{x:1,y:2},b:{x:1,y:2}}")]
    [InlineData("n = cat, a = a ${n} sat", "{a:a cat sat,n:cat}")]
    [InlineData("n = cat, a = ${n}\" sat\"", "{a:cat sat,n:cat}")]
    [InlineData("n = cat, a = \"${n}\"", "{a:${n},n:cat}")]
    [InlineData("n = null, a = ${n}", "{a:null,n:null}")]
    [InlineData("n = null, a = x${n}", "{a:xnull,n:null}")]
    [InlineData("n = 1e5, a = [${n}, x${n}]", "{a:[1e5,x1e5],n:1e5}")]
    [InlineData("\"x.y\".z = 1, a = ${ \"x.y\".z }", "{a:1,x.y:{z:1}}")]
    [InlineData("x y = 1, a = ${x y}", "{a:1,x y:1}")]
    public void A_substitution_gives_the_final_value_of_its_path(string hocon, string shown) => Assert.Equal(shown, Shown.Of(hocon));

    [Theory]
    [InlineData("a = ${?x}", "{}")]
    [InlineData("a = 1, a = ${?x}", "{a:1}")]
    [InlineData("a { y = 1 }, a = ${?x}, a { z = 2 }", "{a:{y:1,z:2}}")]
    [InlineData("a = [1, ${?x}, 2]", "{a:[1,2]}")]
    [InlineData("a = foo${?x}bar", "{a:foobar}")]
    [InlineData("a = ${?x} foo", "{a: foo}")]
    [InlineData("a = ${?x} [1]", "{a:[1]}")]
    [InlineData("a = ${?x} { b = 1 }", "{a:{b:1}}")]
    [InlineData("a = ${?x}${?y}", "{}")]
    [InlineData("a = ${?x} ${?y}", "{}")]
    [InlineData("a = ${?x}\"\"", "{a:}")]
    [InlineData("b = 1, a = ${?b.c}", "{b:1}")]
    public void An_optional_substitution_without_a_value_disappears(string hocon, string shown) => Assert.Equal(shown, Shown.Of(hocon));

    [Theory]
    [InlineData("p = \"a:b\", p = ${p}\":c\"", "{p:a:b:c}")]
    [InlineData("p = [1], p = ${p} [2], p = ${p} [3]", "{p:[1,2,3]}")]
    [InlineData("a { x = 1 }, a = ${a}", "{a:{x:1}}")]
    [InlineData("a { x = 1 }, a = ${a} { y = 2 }", "{a:{x:1,y:2}}")]
    [InlineData("a = ${?a}", "{}")]
    [InlineData("a = ${?a}foo", "{a:foo}")]
    [InlineData("f { a { c = 1 } }, f = ${f.a}, f { a = 2 }", "{f:{a:2,c:1}}")]
    [InlineData("b { f = 42, z = ${b.f} }", "{b:{f:42,z:42}}")]
    [InlineData("b { f = 42, z = ${b.f} }, b { f = 43 }", "{b:{f:43,z:43}}")]
    [InlineData("b { a = ${f.d}, b = 1 }, b.b = 3, f { c = ${b.b}, d = 2 }, f.d = 4", "{b:{a:4,b:3},f:{c:3,d:4}}")]
    [InlineData("a = ${nope}, a = 42", "{a:42}")]
    [InlineData("a = ${a}, a = 42", "{a:42}")]
    [InlineData("a = 1, b = 2, a = ${b}, b = ${a}", "{a:1,b:1}")]
    [InlineData("a = [1], a = [2] ${a} ${a}", "{a:[2,1,1]}")]
    [InlineData("a { b { p = [1] } }, a.b.p = ${a.b.p} [2]", "{a:{b:{p:[1,2]}}}")]
    [InlineData("a = {} { b = ${?a.c}, c = 1 }", "{a:{b:1,c:1}}")]
    public void A_self_reference_looks_back(string hocon, string shown) => Assert.Equal(shown, Shown.Of(hocon));

    [Theory]
    [InlineData("a += 1", "{a:[1]}")]
    [InlineData("a += 1, a += 2", "{a:[1,2]}")]
    [InlineData("a = [1], a += 2, a += [3]", "{a:[1,2,[3]]}")]
    [InlineData("a += { x = 1 }", "{a:[{x:1}]}")]
    [InlineData("a.b += x y, a.b += z", "{a:{b:[x y,z]}}")]
    [InlineData("b = [1], a = ${b}, a += 2", "{a:[1,2],b:[1]}")]
    [InlineData("a.b = [1], c = ${a} { b += 2 }", "{a:{b:[1]},c:{b:[1,2]}}")]
    [InlineData("a = { 0 = x }, a += y", "{a:[x,y]}")]
    [InlineData("a = [ { b += 1, b += 2 } ]", "{a:[{b:[1,2]}]}")]
    [InlineData("b = 1, a += ${b}, a += ${?c}", "{a:[1],b:1}")]
    public void Plus_equals_appends_an_element(string hocon, string shown) => Assert.Equal(shown, Shown.Of(hocon));

    [Theory]
    [InlineData("a = ${x}")]
    [InlineData("a = ${a}")]
    [InlineData("a = ${a}bc")]
    [InlineData("a = ${a}, a { x = 1 }")]
    [InlineData("a = ${b}, b = ${a}")]
    [InlineData("a = ${b}, b = ${c}, c = ${a}")]
    [InlineData("a { b = ${a} }")]
    [InlineData("a = [${a}]")]
    [InlineData("a { b = ${c} }, c { d = ${a} }")]
    [InlineData("a { b = ${a} { b { b {} } } }")]
    [InlineData("a = 1, a += 2")]
    [InlineData("a { x = 1 }, a += 2")]
    [InlineData("a = x ${b}, b = [1]")]
    public void What_cannot_be_resolved_is_an_error(string hocon) =>
        Assert.ThrowsAny<ConfigurationException>(() => ConfigurationFactory.ParseString(hocon));

    [Fact]
    public void The_error_for_a_cycle_differs_from_that_for_a_missing_key()
    {
        string cycle = Assert.ThrowsAny<ConfigurationException>(() => ConfigurationFactory.ParseString("a = ${b}\nb = ${a}")).Message;
        string missing = Assert.ThrowsAny<ConfigurationException>(() => ConfigurationFactory.ParseString("a = 1\nb = x${c.d}")).Message;
        Assert.Equal("line 2, column 5: ${a} leads back to itself, and the field has no earlier value; break the cycle.", cycle);
        Assert.Equal("line 2, column 6: ${c.d} has no value; set c.d, or write ${?...} if it may be absent.", missing);
    }

    [Fact]
    public void The_environment_answers_last_and_always_as_a_string()
    {
        const string Name = "ENGINE_TESTS_HOCON";
        Environment.SetEnvironmentVariable(Name, "7");
        Assert.Equal("{a:7}", Shown.Of($"a = ${{{Name}}}"));
        Assert.Equal(7, ConfigurationFactory.ParseString($"a = ${{{Name}}}").GetInt("a"));
        Assert.Equal($"{{{Name}:null,a:null}}", Shown.Of($"{Name} = null, a = ${{{Name}}}"));
        Assert.Equal($"{{a:x}}", Shown.Of($"a = x, a = ${{?{Name}_ABSENT}}"));
    }

    [Fact]
    public void Fallbacks_do_not_change_what_was_resolved()
    {
        Config profile = "size = 4, twice = ${size}${size}";
        Assert.Equal("{size:5,twice:44}", Shown.Of(((Config)"size = 5").WithFallback(profile)));
    }

    [Theory]
    [InlineData("a = { 0 = x, 1 = y }", "x,y")]
    [InlineData("a.1 = y, a.0 = x", "x,y")]
    [InlineData("a { 10 = z, 2 = y, foo = w }", "y,z")]
    [InlineData("a = [x] { 0 = y }", "x,y")]
    [InlineData("b.0 = y, a = [x] ${b}", "x,y")]
    public void Numeric_keys_make_an_array_where_one_is_wanted(string hocon, string elements) =>
        Assert.Equal(elements, string.Join(',', ConfigurationFactory.ParseString(hocon).GetStringList("a")));

    [Theory]
    [InlineData("a = {}")]
    [InlineData("a = { foo = 1 }")]
    [InlineData("a = { -1 = x }")]
    [InlineData("a = x")]
    public void Without_numeric_keys_there_is_no_array(string hocon)
    {
        Config config = ConfigurationFactory.ParseString(hocon);
        Assert.Contains("must be a list", Assert.ThrowsAny<ConfigurationException>(() => config.GetStringList("a")).Message);
    }
}
