using Actors.Runtime.Configuration;

namespace Actors.Runtime.Tests.Configuration;

public sealed class LayeredConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_profile_lies_over_the_defaults_and_an_override_over_both()
    {
        string profile = _folder.Write("p.conf", "actors.training { steps = 7, seed = 8 }");

        ActorsSettings settings = Read(profile, "actors.training.steps=9");

        Assert.Equal(9, settings.Training.Steps);
        Assert.Equal(8, settings.Training.Seed);
        Assert.Equal(8, settings.Training.BatchSequences);
    }

    [Fact]
    public void The_last_of_two_overrides_wins()
    {
        Assert.Equal(6, Read(null, "actors.training.steps=5", "actors.training.steps=6").Training.Steps);
    }

    [Fact]
    public void An_override_takes_any_hocon()
    {
        ActorsSettings settings = Read(
            null,
            "actors.training.optimizer={ beta1: 0.5, beta2: 0.75 }",
            "actors.data.paths=[\"a b\", c]",
            "actors.watchdog.stall-timeout=2 minutes");

        Assert.Equal(0.5, settings.Training.Optimizer.Beta1);
        Assert.Equal(0.75, settings.Training.Optimizer.Beta2);
        Assert.Equal(["a b", "c"], settings.Data.Paths);
        Assert.Equal(TimeSpan.FromMinutes(2), settings.Watchdog.StallTimeout);
    }

    [Fact]
    public void What_waits_for_ever_waits_longer_than_any_time()
    {
        ActorsSettings settings = Read(null, "actors.cluster.replacement-timeout=infinite", "actors.cluster.gather-timeout=infinite");

        Assert.Equal(TimeSpan.MaxValue, settings.Cluster.ReplacementTimeout);
        Assert.Equal(TimeSpan.MaxValue, settings.Cluster.GatherTimeout);
    }

    [Fact]
    public void An_include_is_looked_for_beside_the_file_that_includes_it()
    {
        _folder.Write("deep/base.conf", "actors.training.steps = 3");
        _folder.Write("middle.conf", "include \"deep/base.conf\"");
        string profile = _folder.Write("top.conf", "include \"middle.conf\"\nactors.training.seed = 4");

        ActorsSettings settings = Read(profile);

        Assert.Equal(3, settings.Training.Steps);
        Assert.Equal(4, settings.Training.Seed);
    }

    [Fact]
    public void Origins_name_layer_file_and_line()
    {
        string included = _folder.Write("base.conf", "// base\nactors {\n  training {\n    steps = 3\n    seed = 3\n  }\n}\n");
        string profile = _folder.Write("top.conf", """
            include "base.conf"  # first
            actors.training.seed = 4
            actors {
              data { paths = [
                "a { b",   # not a brace
              ] }
              fabric : { channels = 3, "chunk-rows" = 5 }
            }
            actors.fabric.channels = 4
            """);
        LayeredConfiguration configuration = LayeredConfiguration.Load(profile, [ConfigurationOverride.Parse("actors.model.layers=5")]);

        Assert.Equal(new KeyOrigin(included, 4), configuration.OriginOf("actors.training.steps"));
        Assert.Equal(new KeyOrigin(profile, 2), configuration.OriginOf("actors.training.seed"));
        Assert.Equal(new KeyOrigin(profile, 4), configuration.OriginOf("actors.data.paths"));
        Assert.Equal(new KeyOrigin(profile, 7), configuration.OriginOf("actors.fabric.chunk-rows"));
        Assert.Equal(new KeyOrigin(profile, 9), configuration.OriginOf("actors.fabric.channels"));
        Assert.Equal(new KeyOrigin("--set", 0), configuration.OriginOf("actors.model.layers"));
        KeyOrigin reference = configuration.OriginOf("actors.model.hidden-size");
        Assert.Equal("reference.conf", reference.Source);
        Assert.Equal("hidden-size = 128", ReferenceLines()[reference.Line - 1].Trim());
    }

    [Fact]
    public void A_substituted_object_has_the_origin_of_the_substitution()
    {
        string profile = _folder.Write("p.conf", "mine { steps = 3 }\nactors.training = ${mine}\n");

        LayeredConfiguration configuration = LayeredConfiguration.Load(profile);

        Assert.Equal(new KeyOrigin(profile, 2), configuration.OriginOf("actors.training.steps"));
        Assert.Equal("reference.conf", configuration.OriginOf("actors.training.seed").Source);
    }

    [Fact]
    public void Keys_outside_the_runtime_are_handed_on()
    {
        string profile = _folder.Write("p.conf", "akka.loglevel = DEBUG");

        LayeredConfiguration configuration = LayeredConfiguration.Load(profile, [ConfigurationOverride.Parse("akka.stdout-loglevel=OFF")]);

        Assert.Equal("DEBUG", configuration.Merged.GetString("akka.loglevel"));
        Assert.Equal("OFF", configuration.Merged.GetString("akka.stdout-loglevel"));
    }

    [Fact]
    public void Every_key_of_the_reference_is_read_once_and_has_a_comment()
    {
        ActorsSettings settings = Read(null);

        Assert.Equal(ReferenceKeys().Order(StringComparer.Ordinal), settings.Effective.Select(s => s.Key).Order(StringComparer.Ordinal));
        string[] lines = ReferenceLines();
        foreach (EffectiveSetting setting in settings.Effective)
        {
            Assert.True(lines[setting.Origin.Line - 2].TrimStart().StartsWith('#'), $"{setting.Key} has no comment above it.");
        }
    }

    [Fact]
    public void Override_values_survive_quoting()
    {
        const string Odd = "a\"b\\c\n#${x} {}";

        ActorsSettings settings = ActorsSettings.Read(LayeredConfiguration.Load(
            null,
            [
                ConfigurationOverride.Of("--model", "actors.model.path", Odd),
                ConfigurationOverride.Of("--data", "actors.data.paths", [Odd, "x"]),
                ConfigurationOverride.Of("--steps", "actors.training.steps", 12),
                ConfigurationOverride.Of("--top-p", "actors.inference.top-p", 0.1),
            ]));

        Assert.Equal(Odd, settings.Model.Path);
        Assert.Equal([Odd, "x"], settings.Data.Paths);
        Assert.Equal(12, settings.Training.Steps);
        Assert.Equal(0.1, settings.Inference.TopP);
        Assert.Contains(settings.Effective, s => s is { Key: "actors.training.steps", Origin.Source: "--steps" });
    }

    private static ActorsSettings Read(string? profile, params string[] sets) =>
        ActorsSettings.Read(LayeredConfiguration.Load(profile, sets.Select(set => ConfigurationOverride.Parse(set))));

    private static string[] ReferenceLines() =>
        File.ReadAllLines(Path.Combine(Repository.Root, "src/Actors/Configuration/reference.conf"));

    private static IEnumerable<string> ReferenceKeys() =>
        LayeredConfiguration.Reference().Select(line => line.Key);
}
