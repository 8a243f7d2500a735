using Actors.LoadTests.CommandLine;
using Actors.Model;
using Actors.Runtime.Configuration;
using Actors.Runtime.Fabric;
using Actors.Tensors;
using Akka.Configuration;

namespace Actors.LoadTests.Routing;

/// <summary>What the routing scenario runs: EP32 of the published model where nothing else is said.</summary>
internal sealed record RoutingOptions
{
    public const string Help = """
        Usage: dotnet run -c Release --project load-tests -- routing [options]

        Scenario: every rank sends N tokens through gate, dispatch, identity experts and combine; all ranks in one process.
        Steps: check (weight sum times itself), warm up, keep constant (closed loop: throughput), inject (open loop: latency).

          --profile FILE      HOCON; model sizes, expert ranks and fabric buffers come from it (default: EP32, 4 nodes of 8)
          --tokens N          tokens of a rank in one exchange (default 128)
          --hidden H          elements of a row (default 7168, or the profile's)
          --dtype T           bf16 or f32: how a row travels (default bf16)
          --seconds S         time of each load simulation (default 10)
          --rounds N          parts of the closed loop, each between two copy measurements (default 5)
          --warm-up S         seconds before anything is timed (default 2)
          --under-way K       exchanges under way in the closed loop, and at most in the open one (default 2)
          --rate R            open loop: tokens a second of all ranks together; 0 for none (default: half of the closed loop's)
          --channels N        channels of a rank (default 10, or the profile's)
          --chunk-rows N      rows of a slot (default 8, or the profile's)
          --slots N           slots of a ring (default 1, or the profile's)
          --json FILE         writes the results for machines
          --html FILE         writes the results as a page
        """;

    public int Ranks { get; private init; } = 32;

    public int RanksPerNode { get; private init; } = 8;

    public int Experts { get; private init; } = 256;

    public int Choices { get; private init; } = 8;

    public int Groups { get; private init; } = 8;

    public int GroupsKept { get; private init; } = 4;

    public int NodeLimit { get; private init; } = 4;

    public int Hidden { get; private init; } = 7168;

    public int Tokens { get; private init; }

    public ElementType RowType { get; private init; }

    public FabricSettings Fabric { get; private init; } = new(10, 8, 1);

    public int UnderWay { get; private init; }

    public double Seconds { get; private init; }

    public int Rounds { get; private init; }

    public double WarmUpSeconds { get; private init; }

    /// <summary>Tokens a second of the open loop; null for half of the closed loop's, 0 for no open loop.</summary>
    public double? Rate { get; private init; }

    public string? JsonPath { get; private init; }

    public string? HtmlPath { get; private init; }

    public GroupShape Shape => new(Ranks, RanksPerNode, Experts, Choices, Hidden, RowType);

    /// <summary>Tokens of one exchange on all ranks.</summary>
    public long TokensOfExchange => (long)Ranks * Tokens;

    public static RoutingOptions Read(OptionReader reader)
    {
        RoutingOptions profile = reader.Text("--profile") is { } path ? FromProfile(path) : new RoutingOptions();
        var options = profile with
        {
            Tokens = reader.Whole("--tokens", 128, most: 1 << 20),
            Hidden = reader.Whole("--hidden", profile.Hidden, most: 1 << 20),
            RowType = reader.OneOf("--dtype", "bf16", "bf16", "f32") == "bf16" ? ElementType.BFloat16 : ElementType.Float32,
            Seconds = reader.Number("--seconds", 10, 0.1),
            Rounds = reader.Whole("--rounds", 5, most: 1000),
            WarmUpSeconds = reader.Number("--warm-up", 2, 0),
            UnderWay = reader.Whole("--under-way", 2, most: 64),
            Rate = reader.Text("--rate") is null ? null : reader.Number("--rate", 0, 0),
            Fabric = new FabricSettings(
                reader.Whole("--channels", profile.Fabric.Channels, most: 64),
                reader.Whole("--chunk-rows", profile.Fabric.ChunkRows, most: 4096),
                reader.Whole("--slots", profile.Fabric.SlotsPerRing, most: 1024)),
            JsonPath = reader.Text("--json"),
            HtmlPath = reader.Text("--html"),
        };
        reader.End();
        return options.Checked();
    }

    private static RoutingOptions FromProfile(string path)
    {
        try
        {
            ActorsSettings settings = ActorsSettings.Read(LayeredConfiguration.Load(path));
            ModelConfig model = settings.Model.Config;
            return new RoutingOptions
            {
                Hidden = model.HiddenSize,
                Experts = model.RoutedExperts,
                Choices = model.ExpertsPerToken,
                Groups = model.ExpertGroups,
                GroupsKept = model.ExpertGroupsKept,
                Ranks = settings.Parallel.ExpertRanks,
                RanksPerNode = settings.Parallel.RanksPerNode,
                NodeLimit = settings.Parallel.NodeLimit,
                Fabric = settings.Fabric,
            };
        }
        catch (ConfigurationException failure)
        {
            throw new UsageException(failure.Message);
        }
    }

    private RoutingOptions Checked()
    {
        try
        {
            _ = Shape;
            _ = Fabric.Validated();
        }
        catch (ArgumentException failure)
        {
            throw new UsageException(failure.Message);
        }

        if (Experts % Groups != 0 || GroupsKept > Groups || GroupsKept * (Experts / Groups) < Choices)
        {
            throw new UsageException($"A gate cannot choose {Choices} of {Experts} experts from {GroupsKept} of {Groups} groups.");
        }

        return this;
    }
}
