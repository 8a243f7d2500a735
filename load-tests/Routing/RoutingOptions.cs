using Actors.LoadTests.CommandLine;
using Actors.Model;
using Actors.Runtime.Configuration;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Akka.Configuration;

namespace Actors.LoadTests.Routing;

/// <summary>What the routing scenario runs: EP32 of the published model where nothing else is said.</summary>
internal sealed record RoutingOptions
{
    public int Ranks { get; init; } = 32;

    public int RanksPerNode { get; init; } = 8;

    public int Experts { get; init; } = 256;

    public int Choices { get; init; } = 8;

    public int Groups { get; init; } = 8;

    public int GroupsKept { get; init; } = 4;

    public int NodeLimit { get; init; } = 4;

    public int Hidden { get; init; } = 7168;

    public int Tokens { get; init; }

    public ElementType RowType { get; init; }

    public FabricSettings Fabric { get; init; } = new(10, 8, 1);

    public int UnderWay { get; init; }

    public double Seconds { get; init; }

    public int Rounds { get; init; }

    public double WarmUpSeconds { get; init; }

    /// <summary>Tokens a second of the open loop; null for half of the closed loop's, 0 for no open loop.</summary>
    public double? Rate { get; init; }

    public GroupShape Shape => new(Ranks, RanksPerNode, Experts, Choices, Hidden, RowType);

    /// <summary>Tokens of one exchange on all ranks.</summary>
    public long TokensOfExchange => (long)Ranks * Tokens;

    /// <summary>The sizes of a profile.</summary>
    /// <exception cref="UsageException">It can't be read.</exception>
    public static RoutingOptions FromProfile(string path)
    {
        try
        {
            ActorsSettings settings = CheckedSettings.Read(LayeredConfiguration.Load(path));
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

    /// <summary>These options, or an error.</summary>
    /// <exception cref="UsageException">The sizes don't fit together.</exception>
    public RoutingOptions Checked()
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
