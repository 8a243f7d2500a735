using System.CommandLine;
using Actors.Schedules.Comparison;

namespace Actors.Cli.Commands;

/// <summary>The options that say for what schedules are compared.</summary>
internal sealed class ComparisonOptions
{
    /// <summary>Chunks of the base cut: all schedules together are then of some tens of millions of actions.</summary>
    private const long MaxChunks = 1 << 20;

    private readonly Option<int> _ranks = new("--ranks")
    {
        Description = "Pipeline ranks, one stage each; costs are those of these stages",
        HelpName = "N",
        Required = true,
    };

    private readonly Option<int> _microBatches = new("--micro-batches") { Description = "Micro-batches of a step", HelpName = "M", Required = true };

    private readonly Option<int?> _stagesPerRank = new("--stages-per-rank")
    {
        Description = "Stages that a rank holds in one direction, for schedules that leave it free; 2 where it is not given",
        HelpName = "V",
    };

    private readonly CostOptions _costs;

    private ComparisonOptions(Command command)
    {
        command.Add(_ranks);
        command.Add(_microBatches);
        command.Add(_stagesPerRank);
        _costs = CostOptions.AddTo(command);
    }

    /// <summary>Adds the options to a command.</summary>
    public static ComparisonOptions AddTo(Command command) => new(command);

    /// <summary>What is to be compared, and the costs as they were given.</summary>
    /// <exception cref="UsageException">The options are wrong, or contradict each other.</exception>
    public (ComparisonRequest Request, StepCostsInput Costs) Read(ParseResult parsed)
    {
        (int ranks, int microBatches) = (parsed.GetValue(_ranks), parsed.GetValue(_microBatches));
        RequireAtLeastOne("--ranks", ranks);
        RequireAtLeastOne("--micro-batches", microBatches);
        RequireAtLeastOne("--stages-per-rank", parsed.GetValue(_stagesPerRank) ?? 1);
        if ((long)ranks * microBatches > MaxChunks)
        {
            throw new UsageException($"{ranks} ranks x {microBatches} micro-batches are more than the {MaxChunks} that are compared; use fewer");
        }

        StepCostsInput costs = _costs.Read(parsed, ranks);
        var request = new ComparisonRequest(ranks, microBatches)
        {
            StagesPerRank = parsed.GetValue(_stagesPerRank),
            Costs = costs.Costs,
            Memory = _costs.ReadMemory(parsed, ranks),
        };
        return (request, costs);
    }

    private static void RequireAtLeastOne(string option, int value)
    {
        if (value < 1)
        {
            throw new UsageException($"{option} {value} is less than 1: use 1");
        }
    }
}
