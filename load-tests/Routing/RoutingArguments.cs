using System.CommandLine;
using System.CommandLine.Parsing;
using Actors.LoadTests.CommandLine;
using Actors.Runtime.Fabric;
using Actors.Tensors;

namespace Actors.LoadTests.Routing;

/// <summary>The options of <c>routing</c>, which make a <see cref="RoutingOptions"/>.</summary>
internal sealed class RoutingArguments
{
    private const string SharedMemory = "shared-memory", Tcp = "tcp", Cpu = "cpu", Cuda = "cuda", Marks = "marks", Flags = "flags";
    private const int RanksOfOneGpu = 8;

    private readonly Option<string?> _profile = new("--profile")
    {
        Description = "HOCON; model sizes, expert ranks and fabric buffers come from it; EP32, 4 nodes of 8, where none is given",
        HelpName = "FILE",
    };

    private readonly Option<string> _backend = new("--backend")
    {
        Description = "cpu, or cuda: ranks on GPUs, which exchange rows by operations of their streams; channels and rings are then not used",
        HelpName = "cpu|cuda",
        DefaultValueFactory = _ => Cpu,
    };

    private readonly Option<int?> _gpus = NumberOptions.Whole("--gpus", "GPUs, from the first on, each with as many ranks; 1 where it is not given", most: 64);

    private readonly Option<string?> _exchange = new("--exchange")
    {
        Description = "How ranks on GPUs wait for each other; as in decoding where it is not given: by flags for at most 256 tokens of ranks that have a GPU each, else by marks",
        HelpName = "marks|flags",
    };

    private readonly Option<int?> _ranks = NumberOptions.Whole(
        "--ranks", "Ranks of the group; 32, or the profile's; with --backend cuda one a GPU, on one GPU 8, or the profile's", most: 4096);

    private readonly Option<int?> _ranksPerNode = NumberOptions.Whole("--ranks-per-node", "Ranks of a node; 8, or the profile's, and no more than there are", most: 4096);

    private readonly Option<int> _tokens = NumberOptions.Whole("--tokens", "Tokens of a rank in one exchange", 128, most: 1 << 20);

    private readonly Option<int?> _hidden = NumberOptions.Whole("--hidden", "Elements of a row; 7168, or the profile's", most: 1 << 20);

    private readonly Option<ElementType> _rowType = new("--precision")
    {
        Description = "How a row travels; bfloat16 where it is not given",
        HelpName = "bfloat16|float32",
        CustomParser = ReadRowType,
    };

    private readonly Option<double> _seconds = NumberOptions.Seconds("--seconds", "Time of each load simulation", 10, least: 0.1);

    private readonly Option<int> _rounds = NumberOptions.Whole(
        "--rounds", "Parts of the closed loop, each between two copy measurements", 5, most: 1000);

    private readonly Option<double> _warmUp = NumberOptions.Seconds("--warm-up", "Seconds before anything is timed", 2, least: 0);

    private readonly Option<int> _underWay = NumberOptions.Whole(
        "--under-way", "Exchanges under way in the closed loop, and at most in the open one", 2, most: 64);

    private readonly Option<double?> _rate = NumberOptions.Rate(
        "--rate", "Open loop: tokens a second of all ranks together; 0 for none; half of the closed loop's where it is not given");

    private readonly Option<int?> _channels = NumberOptions.Whole("--channels", "Channels of a rank; 10, or the profile's", most: 64);

    private readonly Option<int?> _chunkRows = NumberOptions.Whole("--chunk-rows", "Rows of a slot; 8, or the profile's", most: 4096);

    private readonly Option<int?> _slots = NumberOptions.Whole("--slots", "Slots of a ring; 1, or the profile's", most: 1024);

    private readonly Option<int?> _nodes = NumberOptions.Whole(
        "--nodes", "Run the same work by so many node processes of this host too, in turns with one process", most: 64);

    private readonly Option<string> _links = new("--links")
    {
        Description = "shared-memory or tcp: what joins node processes; shared-memory where it is not given, as placement chooses on one host",
        HelpName = "shared-memory|tcp",
        DefaultValueFactory = _ => SharedMemory,
    };

    /// <summary>Adds the options to the command.</summary>
    public RoutingArguments(Command command)
    {
        _rowType.CompletionSources.Add("bfloat16", "float32");
        _backend.AcceptOnlyFromAmong(Cpu, Cuda);
        _exchange.AcceptOnlyFromAmong(Marks, Flags);
        _links.AcceptOnlyFromAmong(SharedMemory, Tcp);
        _rowType.DefaultValueFactory = _ => ElementType.BFloat16;
        foreach (Option option in (Option[])[
            _profile, _backend, _gpus, _exchange, _ranks, _ranksPerNode, _tokens, _hidden, _rowType, _seconds, _rounds, _warmUp, _underWay, _rate, _channels, _chunkRows, _slots, _nodes, _links])
        {
            command.Add(option);
        }
    }

    /// <summary>What the scenario runs.</summary>
    /// <exception cref="UsageException">The profile can't be read, or the sizes don't fit together.</exception>
    public RoutingOptions Read(ParseResult parsed)
    {
        int gpus = Gpus(parsed);
        RoutingOptions profile = parsed.GetValue(_profile) is { } path ? RoutingOptions.FromProfile(path)
            : gpus == 0 ? new RoutingOptions()
            : new RoutingOptions { Ranks = gpus == 1 ? RanksOfOneGpu : gpus };
        int ranks = parsed.GetValue(_ranks) ?? profile.Ranks;
        return (profile with
        {
            Gpus = gpus,
            Flags = parsed.GetValue(_exchange) is { } exchange ? exchange == Flags : null,
            Ranks = ranks,
            RanksPerNode = parsed.GetValue(_ranksPerNode) ?? Math.Min(profile.RanksPerNode, ranks),
            Tokens = parsed.GetValue(_tokens),
            Hidden = parsed.GetValue(_hidden) ?? profile.Hidden,
            RowType = parsed.GetValue(_rowType),
            Seconds = parsed.GetValue(_seconds),
            Rounds = parsed.GetValue(_rounds),
            WarmUpSeconds = parsed.GetValue(_warmUp),
            UnderWay = parsed.GetValue(_underWay),
            Rate = parsed.GetValue(_rate),
            Processes = parsed.GetValue(_nodes) ?? 0,
            SharesMemory = parsed.GetValue(_links) == SharedMemory,
            Fabric = new FabricSettings(
                parsed.GetValue(_channels) ?? profile.Fabric.Channels,
                parsed.GetValue(_chunkRows) ?? profile.Fabric.ChunkRows,
                parsed.GetValue(_slots) ?? profile.Fabric.SlotsPerRing),
        }).Checked();
    }

    private int Gpus(ParseResult parsed)
    {
        int? gpus = parsed.GetValue(_gpus);
        if (parsed.GetValue(_backend) == Cuda)
        {
            return gpus ?? 1;
        }

        string? option = gpus is not null ? "--gpus" : parsed.GetValue(_exchange) is not null ? "--exchange" : null;
        return option is null ? 0 : throw new UsageException($"{option} is for GPUs: add --backend cuda.");
    }

    private static ElementType ReadRowType(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        if (text is not ("bfloat16" or "float32"))
        {
            result.AddError($"--precision {text}: choose one of bfloat16, float32");
        }

        return text == "float32" ? ElementType.Float32 : ElementType.BFloat16;
    }
}
