using System.CommandLine;
using System.Globalization;
using Actors.Cli.BuiltIn;
using Actors.Model;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Timing;
using Actors.Schedules.Traces;

namespace Actors.Cli.Commands;

/// <summary>
/// The options that say what a timetable costs, for every command that simulates: by hand, in shares of a chunk's time, stage by stage, from a trace,
/// or by the work of a model; links; memory.
/// </summary>
internal sealed class CostOptions
{
    private readonly Option<string?> _costs = new("--costs", "--cost")
    {
        Description = "Time of F, I, W and, if given, of a pair and of sending; or shares of F+I+W, such as 30%,40%,30%; 1,1,1 where no costs are given",
        HelpName = "F,I,W[,PAIR[,SEND]]",
    };

    private readonly Option<string?> _chunkTime = new("--chunk-time") { Description = "Time of F+I+W where --costs are shares; else 1", HelpName = "T" };

    private readonly Option<string?> _stageCosts = new("--stage-costs")
    {
        Description = "Costs F,I,W[,PAIR] of each stage: a list with semicolons, or a file with a line a stage",
        HelpName = "FILE|LIST",
    };

    private readonly Option<string?> _trace = new("--costs-from")
    {
        Description = "Costs measured by actors train --trace: medians without the first step, in milliseconds",
        HelpName = "TRACE",
    };

    private readonly Option<string?> _model = new("--costs-of")
    {
        Description = "Costs by the work of a model's layers, output head and prediction modules, F = I = W; the unit is a mean layer's F",
        HelpName = "PROFILE",
    };

    private readonly Option<string?> _pairGain = new("--pair-gain")
    {
        Description = "Share of F+B that an overlapped pair saves, such as 0.2",
        HelpName = "SHARE",
    };

    private readonly Option<string?> _latency = new("--latency")
    {
        Description = "Time from the end of a transfer to its use, in a node and between nodes",
        HelpName = "T[,BETWEEN]",
    };

    private readonly Option<string?> _bandwidth = new("--bandwidth")
    {
        Description = "Bytes per unit of time, in a node and between nodes: 50M is 50 GB/s where times are milliseconds",
        HelpName = "B[,BETWEEN]",
    };

    private readonly Option<string?> _bytes = new("--activation-bytes")
    {
        Description = "Bytes that a forward sends and, where others, that a backward sends, such as 32M",
        HelpName = "BYTES[,GRADIENT]",
    };

    private readonly Option<int?> _ranksPerNode = new("--ranks-per-node") { Description = "Pipeline ranks of a node", HelpName = "N" };

    private readonly Option<string?> _stageMemory = new("--stage-memory")
    {
        Description = "Memory of a chunk's activations and of the parameters, ACTIVATIONS[,PARAMETERS] of each stage: a list or a file; else counted",
        HelpName = "FILE|LIST",
    };

    private readonly Option<string?> _keptForWeights = new("--kept-for-weights")
    {
        Description = "Share of a chunk's activations that its W needs, so that its I frees the rest; else 1",
        HelpName = "SHARE",
    };

    private CostOptions()
    {
    }

    /// <summary>Adds the options to a command.</summary>
    public static CostOptions AddTo(Command command)
    {
        var options = new CostOptions();
        foreach (Option option in (Option[])[
            options._costs, options._chunkTime, options._stageCosts, options._trace, options._model, options._pairGain, options._latency,
            options._bandwidth, options._bytes, options._ranksPerNode, options._stageMemory, options._keptForWeights])
        {
            command.Add(option);
        }

        return options;
    }

    /// <summary>Files that the options may name.</summary>
    public IEnumerable<string?> NamedFiles(ParseResult parsed) =>
        [parsed.GetValue(_trace), parsed.GetValue(_stageCosts), parsed.GetValue(_stageMemory), parsed.GetValue(_model) is { } profile ? BuiltInProfiles.Resolve(profile) : null];

    /// <summary>The costs of a timetable.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="stages">Stages of the timetable.</param>
    /// <exception cref="UsageException">The options are wrong, or contradict each other.</exception>
    public StepCostsInput Read(ParseResult parsed, int stages)
    {
        RequireAtMostOne(parsed, _costs, _stageCosts, _trace, _model);
        RequireWith(parsed, _chunkTime, _costs);
        StepCostsInput input = parsed.GetValue(_trace) is { } trace ? FromTrace(trace, stages)
            : parsed.GetValue(_model) is { } profile ? FromModel(profile, stages)
            : parsed.GetValue(_stageCosts) is { } list ? new StepCostsInput(FromList(parsed, list, stages), "", null)
            : new StepCostsInput(FromText(parsed), "", null);
        StepCosts costs = WithLinks(parsed, WithPairGain(parsed, input.Costs));
        return input with { Costs = costs };
    }

    /// <summary>The memory of a timetable's chunks and stages.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="stages">Stages of the timetable.</param>
    /// <exception cref="UsageException">The options are wrong.</exception>
    public MemoryCosts ReadMemory(ParseResult parsed, int stages)
    {
        MemoryCosts memory = MemoryCosts.Counted;
        if (parsed.GetValue(_stageMemory) is { } list)
        {
            var rows = CostText.ReadStages("--stage-memory", list, stages, 1, 2, "ACTIVATIONS[,PARAMETERS]");
            memory = memory with { Activations = [.. rows.Select(row => row[0])], Parameters = [.. rows.Select(row => row.Length > 1 ? row[1] : 1)] };
        }

        return parsed.GetValue(_keptForWeights) is { } share
            ? memory with { KeptForWeights = CostText.ReadShare("--kept-for-weights", share) }
            : memory;
    }

    private static StepCostsInput FromTrace(string path, int stages)
    {
        try
        {
            TraceCosts trace = TraceCosts.Read(InputFiles.ReadBytes(path));
            string spread = trace.Stages.Length == stages ? "" : $" of {trace.Stages.Length} stages, spread evenly over {stages}";
            return new StepCostsInput(trace.ToStepCosts(stages), "ms", $"medians of {trace.Steps} steps in {path}{spread}");
        }
        catch (TraceFormatException e)
        {
            throw new UsageException($"--costs-from {path}: {e.Message}");
        }
    }

    private static StepCostsInput FromModel(string profile, int stages)
    {
        ModelSettings settings = CheckedSettings.Read(LayeredConfiguration.Load(BuiltInProfiles.Resolve(profile), [], BuiltInProfiles.TextOf)).Model;
        if (settings.Path is { } path)
        {
            throw new UsageException($"--costs-of {profile}: takes its model from {path}; name a profile with the model's sizes");
        }

        ModelConfig model = settings.Config;
        if (stages > model.Layers)
        {
            throw new UsageException($"--costs-of {profile}: its model has {model.Layers} layers, too few for {stages} stages; choose fewer ranks");
        }

        var layout = new StageLayout(model, stages);
        double layers = (double)model.Layers / stages;
        return new StepCostsInput(
            new StepCosts([.. Enumerable.Range(0, stages).Select(stage => layout.WorkOf(stage) * layers).Select(work => new StageCosts(work, work, work))]), "",
            $"work of the model of {profile}: {model.Layers} layers, the head and {model.PredictLayers} prediction modules over {stages} stages");
    }

    private StepCosts FromList(ParseResult parsed, string list, int stages)
    {
        var rows = CostText.ReadStages("--stage-costs", list, stages, 3, 4, "F,I,W[,PAIR]");
        if (rows.Any(row => row.Length > 3))
        {
            RequireAtMostOne(parsed, _pairGain, "a PAIR in --stage-costs");
        }

        return new StepCosts([.. rows.Select(row => new StageCosts(row[0], row[1], row[2], pair: row.Length > 3 ? row[3] : null))]);
    }

    private StepCosts FromText(ParseResult parsed)
    {
        if (parsed.GetValue(_costs) is not { } text)
        {
            return ActionCosts.Balanced;
        }

        double? chunkTime = parsed.GetValue(_chunkTime) is { } time ? CostText.ReadOne("--chunk-time", time) : null;
        (StageCosts stage, bool hasPair, double? send) = CostText.ReadCosts("--costs", text, chunkTime);
        if (hasPair)
        {
            RequireAtMostOne(parsed, _pairGain, "a PAIR in --costs");
        }

        if (send is null)
        {
            return new StepCosts(stage);
        }

        RequireAtMostOne(parsed, _latency, "a SEND in --costs");
        return new StepCosts(stage) { Link = new LinkCosts(send.Value) };
    }

    private StepCosts WithPairGain(ParseResult parsed, StepCosts costs)
    {
        if (parsed.GetValue(_pairGain) is not { } text)
        {
            return costs;
        }

        double gain = CostText.ReadShare("--pair-gain", text);
        return costs.WithStages([.. costs.Stages.Select(stage => stage.WithPairGain(gain))]);
    }

    private StepCosts WithLinks(ParseResult parsed, StepCosts costs)
    {
        RequireWith(parsed, _bandwidth, _bytes);
        RequireWith(parsed, _bytes, _bandwidth);
        (double latency, double? latencyBetween) = parsed.GetValue(_latency) is { } time
            ? CostText.ReadTwo("--latency", time, "T[,BETWEEN]")
            : (costs.Link.Latency, null);
        (double bandwidth, double? bandwidthBetween) = parsed.GetValue(_bandwidth) is { } rate
            ? CostText.ReadTwo("--bandwidth", rate, "B[,BETWEEN]")
            : (double.PositiveInfinity, null);
        if (bandwidth == 0 || bandwidthBetween == 0)
        {
            throw new UsageException("--bandwidth is above 0; leave it out where transfers take no time of a link");
        }

        (double forward, double? backward) = parsed.GetValue(_bytes) is { } bytes
            ? CostText.ReadTwo("--activation-bytes", bytes, "BYTES[,GRADIENT]")
            : (0, null);
        return costs with
        {
            Link = new LinkCosts(latency, bandwidth),
            LinkBetweenNodes = new LinkCosts(latencyBetween ?? latency, bandwidthBetween ?? bandwidth),
            RanksPerNode = RanksPerNode(parsed, latencyBetween is not null || bandwidthBetween is not null),
            ActivationBytes = forward,
            GradientBytes = backward ?? forward,
        };
    }

    private int RanksPerNode(ParseResult parsed, bool hasLinkBetween)
    {
        if (parsed.GetValue(_ranksPerNode) is not { } ranks)
        {
            return hasLinkBetween
                ? throw new UsageException("a second value of --latency or --bandwidth is for ranks in different nodes; say how many a node has, --ranks-per-node")
                : int.MaxValue;
        }

        if (!hasLinkBetween)
        {
            throw new UsageException("--ranks-per-node needs what differs between nodes: a second value of --latency or --bandwidth");
        }

        return ranks >= 1 ? ranks : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--ranks-per-node {ranks} is less than 1: use 1"));
    }

    private static void RequireAtMostOne(ParseResult parsed, params Option<string?>[] options)
    {
        Option[] given = [.. options.Where(option => parsed.GetValue(option) is not null)];
        if (given.Length > 1)
        {
            throw new UsageException($"{given[0].Name} and {given[1].Name} both say what actions cost: leave one out");
        }
    }

    private static void RequireAtMostOne(ParseResult parsed, Option<string?> option, string other)
    {
        if (parsed.GetValue(option) is not null)
        {
            throw new UsageException($"{option.Name} and {other} say the same: leave one out");
        }
    }

    private static void RequireWith(ParseResult parsed, Option<string?> option, Option<string?> other)
    {
        if (parsed.GetValue(option) is not null && parsed.GetValue(other) is null)
        {
            throw new UsageException($"{option.Name} does nothing without {other.Name}: give both");
        }
    }
}
