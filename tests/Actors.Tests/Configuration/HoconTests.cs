using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Akka.Configuration;

namespace Actors.Runtime.Tests.Configuration;

/// <summary>What a profile and <c>--set</c> may be written like.</summary>
public sealed class HoconTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("actors { training { steps = 7 } },\nakka.loglevel = OFF")]
    [InlineData("{ actors : { training : { \"steps\" : 7, }, } }")]
    [InlineData("\"actors\" { \"training\".steps = 7 }")]
    [InlineData("\uFEFFactors.training.steps = 7\r\n")]
    [InlineData("// a\nactors.training.steps=7//b\n#c")]
    [InlineData("actors.training.steps =\n\n  7")]
    [InlineData("actors.training\n{ steps = 7 }")]
    [InlineData("actors.training.steps = 5, actors.training.steps = 7")]
    [InlineData("actors.training { seed = 1 } { steps = 7 }")]
    [InlineData("actors.training.steps = ${?nothing}7")]
    [InlineData("actors.training.steps = 7\nactors.training.steps = ${?nothing}")]
    [InlineData("actors.training.steps = 7\nactors.training.steps = ${actors.training.steps}")]
    [InlineData("1 { 2 = 7 }\nactors.training.steps = ${1.2}")]
    [InlineData("actors.training = ${base} { steps = 7 }\nbase { steps = 6, seed = 2 }")]
    [InlineData("base { steps = 6 }, more { steps = 7 }\nactors.training = ${base} ${more}")]
    [InlineData("outer { inner { steps = 7 } }, alias = ${outer}\nactors.training = ${alias.inner}")]
    [InlineData("actors.training = ${?nothing}\nactors.training.steps = 7")]
    [InlineData("actors.training.steps = 7.0")]
    [InlineData("actors.training.steps = 0.7e+1")]
    public void Every_way_of_hocon_to_say_seven_steps_is_read(string text) =>
        Assert.Equal(7, Read(_folder.Write("p.conf", text)).Training.Steps);

    [Theory]
    [InlineData("actors.data.paths = [a, \"b c\"]")]
    [InlineData("actors.data.paths = [\n a // one\n \"b c\"\n]")]
    [InlineData("actors.data.paths = [a] [b c]")]
    [InlineData("actors.data.paths += a\nactors.data.paths += \"b c\"")]
    [InlineData("actors.data.paths = [a]\nactors.data.paths = ${actors.data.paths} [\"b c\"]")]
    [InlineData("x = [a], y = b c\nactors.data.paths = ${x} [${?nothing}, ${y}]")]
    public void Every_way_to_write_a_list_is_read(string text) =>
        Assert.Equal(["a", "b c"], Read(_folder.Write("p.conf", text)).Data.Paths);

    [Fact]
    public void Triple_quotes_keep_lines_and_backslashes() =>
        Assert.Equal("C:\\x\n\"y\"", Read(_folder.Write("p.conf", "actors.model.path = \"\"\"C:\\x\n\"y\"\"\"\"")).Model.Path);

    [Fact]
    public void A_substitution_sees_defaults_and_overrides()
    {
        string profile = _folder.Write(
            "p.conf", "actors.training.steps = 40\nactors.training.learning-rate.decay-until-step = ${actors.training.steps}");

        Assert.Equal(80, Read(profile, "actors.training.steps=80").Training.LearningRate.DecayUntilStep);
        Assert.Equal(
            300,
            Read(_folder.Write("q.conf", "actors.training.learning-rate.decay-until-step = ${actors.training.steps}"))
                .Training.LearningRate.DecayUntilStep);
        Assert.Equal(40, (int)Read(profile, "actors.training.seed=${actors.training.steps}").Training.Seed);
        Assert.Empty(Read(_folder.Write("r.conf", "actors.model.end-token = ${actors.model.begin-token}")).Model.Config.EndTokenIds.Ids);
    }

    [Fact]
    public void An_include_inside_a_section_looks_there_first()
    {
        _folder.Write("base.conf", "n = 6, steps = ${n}, seed = ${far}");
        string profile = _folder.Write(
            "p.conf", "far = 9, mine { include required(file(\"base.conf\")), n = 7 }, n = 1\nactors.training { steps = ${mine.steps}, seed = ${mine.seed} }");

        ActorsSettings settings = Read(profile);

        Assert.Equal((7, 9), (settings.Training.Steps, settings.Training.Seed));
    }

    [Fact]
    public void An_include_at_the_root_may_have_substitutions_of_its_own()
    {
        _folder.Write("base.conf", "n = 6\nactors.training.steps = ${n}");

        Assert.Equal(8, Read(_folder.Write("p.conf", "include \"base.conf\"\nn = 8")).Training.Steps);
    }

    [Fact]
    public void A_text_source_stands_for_files()
    {
        LayeredConfiguration configuration = LayeredConfiguration.Load(
            "p", read: path => path == "p" ? "include \"q\"" : "actors.training.steps = 7");

        Assert.Equal(new KeyOrigin("q", 1), configuration.OriginOf("actors.training.steps"));
    }

    [Theory]
    [InlineData("/tmp/a#b")]
    [InlineData("/tmp//a b/ü=x:y,z")]
    [InlineData("C:\\models\\x")]
    [InlineData("a$b{c}")]
    [InlineData("it's \"so\"")]
    [InlineData("include")]
    public void A_plain_text_of_an_override_is_taken_as_it_is(string text) =>
        Assert.Equal(text, Read(null, $"actors.model.path={text}").Model.Path);

    [Theory]
    [InlineData("100", 100)]
    [InlineData("1e2", 100)]
    [InlineData("100.0", 100)]
    [InlineData("1.5e1", 15)]
    [InlineData("\"12\"", 12)]
    public void A_whole_number_may_have_a_point_or_an_exponent(string value, int steps) =>
        Assert.Equal(steps, Read(null, $"actors.training.steps={value}").Training.Steps);

    [Theory]
    [InlineData("1.5", "a whole number of 1 or more")]
    [InlineData("1e-30", "a whole number of 1 or more")]
    [InlineData("0x10", "a whole number of 1 or more")]
    [InlineData("1_000", "a whole number of 1 or more")]
    [InlineData("NaN", "a whole number of 1 or more")]
    [InlineData("2147483648", "a whole number from 1 to 2147483647")]
    [InlineData("1e400", "a whole number from 1 to 2147483647")]
    [InlineData("99999999999999999999", "a whole number from 1 to 2147483647")]
    public void What_is_no_whole_number_in_range_is_refused(string value, string expected)
    {
        var error = Assert.Throws<ConfigurationException>(() => Read(null, $"actors.training.steps={value}"));

        Assert.Equal($"actors.training.steps is \"{value}\", but must be {expected} (--set).", error.Message);
    }

    [Theory]
    [InlineData("actors.inference.temperature=0,8", "a number of 0 or more; write 0.8, with a point (--set).")]
    [InlineData("actors.inference.temperature=Infinity", "a number of 0 or more (--set).")]
    [InlineData("actors.inference.temperature=1e400", "a number of 0 or more (--set).")]
    [InlineData("actors.watchdog.stall-timeout=null", "a time such as 500ms, 30s or 5 minutes, or infinite (--set).")]
    [InlineData("actors.watchdog.stall-timeout=NaN", "a time such as 500ms, 30s or 5 minutes, or infinite (--set).")]
    public void Numbers_of_other_countries_and_no_numbers_are_refused(string set, string end) =>
        Assert.EndsWith(end, Assert.Throws<ConfigurationException>(() => Read(null, set)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_override_may_set_what_a_profile_refers_to()
    {
        string profile = _folder.Write("p.conf", "mine.n = 3\nactors.training.steps = ${mine.n}");

        Assert.Equal(5, Read(profile, "mine.n=5").Training.Steps);
        Assert.Equal(["a", "b#c"], Read(null, "actors.data.paths+=a", "actors.data.paths+=b#c").Data.Paths);
    }

    private static ActorsSettings Read(string? profile, params string[] sets) =>
        CheckedSettings.Read(LayeredConfiguration.Load(profile, sets.Select(set => ConfigurationOverride.Parse(set))));
}
