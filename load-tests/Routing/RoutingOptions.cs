using Actors.LoadTests.CommandLine;
using Actors.Model;
using Actors.Runtime.Configuration;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Placement;
using Actors.Tensors;
using Actors.Tensors.Operations;
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

    public GateShape Gate => new(Groups, GroupsKept, Choices, Normalize: true, Scaling: 2.5f);

    /// <summary>GPUs that ranks are divided over; 0: they compute on the CPU.</summary>
    public int Gpus { get; init; }

    /// <summary>Whether ranks on GPUs wait for each other's flags or go on behind marks; null: as ranks that decode do.</summary>
    public bool? Flags { get; init; }

    /// <summary>Node processes beside the one process; 0: none.</summary>
    public int Processes { get; init; }

    /// <summary>Whether links between processes share memory, as placement has it on one host.</summary>
    public bool SharesMemory { get; init; } = true;

    /// <summary>The group as a run of one pipeline position whose nodes have memory of their own.</summary>
    public RunPlan Plan => new()
    {
        Model = ActorsSettings.Read(LayeredConfiguration.Load(null)).Model.Config with { HiddenSize = Hidden, RoutedExperts = Experts, ExpertsPerToken = Choices },
        PipelineRanks = 1,
        ExpertRanks = Ranks,
        RanksPerNode = RanksPerNode,
        SeparatesNodes = true,
        DataGroups = 1,
        Schedule = "1f1b",
        MicroBatches = 1,
        Sequences = 1,
        SequenceLength = Tokens,
        NodeLimit = NodeLimit,
        Fabric = Fabric,
        Activations = Model.Layers.ActivationMode.Kept,
    };

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

        if (Processes > Shape.Nodes)
        {
            throw new UsageException($"--nodes {Processes}: the group has {Shape.Nodes} nodes, and a node never spans processes.");
        }

        if (Experts % Groups != 0 || GroupsKept > Groups || GroupsKept * (Experts / Groups) < Choices)
        {
            throw new UsageException($"A gate cannot choose {Choices} of {Experts} experts from {GroupsKept} of {Groups} groups.");
        }

        return Gpus == 0 ? this : CheckedForGpus();
    }

    /// <summary>Throws where a token of a rank reaches more nodes than it may.</summary>
    public void RequireNodes(int rank, int nodes)
    {
        if (nodes > NodeLimit)
        {
            throw new CheckFailedException($"A token of rank {rank} reaches {nodes} nodes, the limit is {NodeLimit}: keep fewer expert groups.");
        }
    }

    private RoutingOptions CheckedForGpus()
    {
        if (Processes > 0)
        {
            throw new UsageException("--nodes starts processes that compute on the CPU: leave out --nodes, or --backend cuda.");
        }

        if (Ranks is < 2 or > IExchangeOperations.MostRanks || Ranks % Gpus != 0)
        {
            throw new UsageException($"--ranks {Ranks}: GPUs exchange rows of 2 to {IExchangeOperations.MostRanks} ranks, as many on each of {Gpus}.");
        }

        // Places, rows of a window with their choices, and bytes of a rank's rows are counted in 32 bits.
        if ((long)Tokens * Ranks * Choices > int.MaxValue || (long)Tokens * Hidden * sizeof(float) > int.MaxValue)
        {
            throw new UsageException($"--tokens {Tokens}: so many rows of {Hidden} elements cannot be numbered on a GPU; use fewer.");
        }

        return this;
    }
}
