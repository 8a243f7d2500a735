using System.Diagnostics;
using System.Text;
using Akka.Configuration;

namespace Akka.Tests.Configuration;

/// <summary>No text exhausts the stack or the memory, and time grows with length alone.</summary>
public sealed class Limits
{
    public static TheoryData<string> TooDeep() => new()
    {
        "a = " + Repeat("[", 100_000),
        Repeat("{a", 100_000),
        Repeat("a.", 100_000) + "b = 1",
        Repeat("a { b.", 100_000) + "c = 1",
        Chain(100_000, i => $"k{i} = ${{k{i + 1}}}"),
        Chain(100_000, i => $"k{i} {{ x = ${{k{i + 1}}} }}"),
        "a = [0]\n" + Chain(100_000, i => "a = ${a} [1]"),
    };

    public static TheoryData<string> TooLarge() => new()
    {
        "k0 = xxxxxxxxxx\n" + Chain(60, i => $"k{i + 1} = ${{k{i}}}${{k{i}}}"),
        "k0 = [1, 2, 3]\n" + Chain(60, i => $"k{i + 1} = ${{k{i}}}${{k{i}}}"),
        "q { z = 1 }, k0 { x = ${q} }\n" + Chain(60, i => $"k{i + 1} = ${{k{i}}} {{ x = ${{q}} }} ${{k{i}}}"),
        "a = x\n" + Chain(60, i => "a = ${a}${a}"),
    };

    [Theory]
    [MemberData(nameof(TooDeep))]
    public void Deep_nesting_is_an_error_before_the_stack_ends(string hocon)
    {
        string message = Assert.ThrowsAny<ConfigurationException>(() => ConfigurationFactory.ParseString(hocon)).Message;
        Assert.Matches("deeper than 256 levels|more than 400 substitutions", message);
    }

    [Theory]
    [MemberData(nameof(TooLarge))]
    public void Substitutions_that_multiply_are_an_error_before_the_memory_ends(string hocon)
    {
        string message = Assert.ThrowsAny<ConfigurationException>(() => ConfigurationFactory.ParseString(hocon)).Message;
        Assert.Matches("multiply|shorten the chain", message);
    }

    [Fact]
    public void Objects_that_share_parts_cost_no_more_than_their_text()
    {
        Config config = ConfigurationFactory.ParseString("k0 = x\n" + Chain(60, i => $"k{i + 1} {{ l = ${{k{i}}}, r = ${{k{i}}} }}"));
        Assert.Equal("x", config.GetString("k3.l.r.l"));
    }

    [Fact]
    public void Two_hundred_levels_are_fine()
    {
        string text = Repeat("{a:[", 100) + "1" + Repeat("]}", 100);
        Assert.Equal(text, Shown.Of(text));
        Assert.Equal(text, Shown.Of(ConfigurationFactory.ParseString(text).ToString()));
    }

    [Fact]
    public void The_deepest_text_that_is_allowed_fits_a_small_stack()
    {
        const int SmallestUsualStackBytes = 1 << 20;
        string hocon = Chain(390, i => $"k{i} = ${{k{i + 1}}} x") + "k390 = y\na = " + Repeat("{ b = [", 100) + "${k0}" + Repeat("]}", 100);
        int levels = 0;
        var thread = new Thread(() => levels = ConfigurationFactory.ParseString(hocon).ToString().Count(c => c == '['), SmallestUsualStackBytes);
        thread.Start();
        thread.Join();
        Assert.Equal(100, levels);
    }

    [Fact]
    public void Ten_thousand_appended_elements_are_fine() =>
        Assert.Equal(10_000, ConfigurationFactory.ParseString(Chain(10_000, i => $"a += {i}")).GetIntList("a").Count);

    [Fact]
    public void Time_grows_with_the_length_of_the_text()
    {
        Parse(Large(4_000));
        TimeSpan small = Parse(Large(4_000));
        TimeSpan large = Parse(Large(32_000));

        // 8 times the text; a quadratic step would take 64 times as long, and a busy machine or a collection at most triples it.
        Assert.True(large < 24 * small + TimeSpan.FromMilliseconds(200), $"{small.TotalMilliseconds:F1} ms grew to {large.TotalMilliseconds:F1} ms");
    }

    private static TimeSpan Parse(string text)
    {
        var best = TimeSpan.MaxValue;
        for (int run = 0; run < 3; run++)
        {
            long start = Stopwatch.GetTimestamp();
            ConfigurationFactory.ParseString(text);
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            best = time < best ? time : best;
        }

        return best;
    }

    private static string Large(int blocks) =>
        "base { x = 1 }\n" + Chain(blocks, i => $$"""
            group{{i % 100}}.item-{{i}} = ${base} { name = some text {{i}}, list = [1, 2.5, "three\n"] } # comment
            all += ${group{{i % 100}}.item-{{i}}.name}
            shared.k{{i % 10}} = again
            """);

    private static string Chain(int count, Func<int, string> line)
    {
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
            text.Append(line(i)).Append('\n');
        return text.ToString();
    }

    private static string Repeat(string part, int count) => new StringBuilder().Insert(0, part, count).ToString();
}
