using System.CommandLine;
using System.Globalization;
using Actors.Cli.Progress;
using Actors.Schedules;
using Actors.Schedules.Search;
using Actors.Schedules.Timing;

namespace Actors.Cli.Commands;

/// <summary><c>actors schedule zb-search</c>: a timetable made for the costs and the memory that are given.</summary>
internal sealed class ScheduleSearch
{
    private readonly Option<string?> _memory = LimitOptions.Create(
        "--memory", $"Most activations that a rank may hold, in chunks or the unit of --stage-memory, for {ZeroBubbleSearch.Name}; any where it is not given");

    private readonly CostOptions _costs;

    private ScheduleSearch(CostOptions costs)
    {
        _costs = costs;
    }

    /// <summary>Adds the option of the search to a command.</summary>
    public static ScheduleSearch AddTo(Command command, CostOptions costs)
    {
        var search = new ScheduleSearch(costs);
        command.Add(search._memory);
        return search;
    }

    /// <summary>Whether the search is asked for, at a size that it has.</summary>
    /// <exception cref="UsageException">It is, at a size that it has not; or its option is given to another schedule.</exception>
    public bool IsAskedFor(ParseResult parsed, string name, PipelineSize size, int maxActions)
    {
        if (!string.Equals(name, ZeroBubbleSearch.Name, StringComparison.OrdinalIgnoreCase))
        {
            if (parsed.GetValue(_memory) is not null)
            {
                throw new UsageException($"--memory is for {ZeroBubbleSearch.Name}; {name} holds what it holds");
            }

            return false;
        }

        if (size.StagesPerRank is { } stages and not 1)
        {
            throw new UsageException($"{ZeroBubbleSearch.Name} holds 1 stage a rank, not {stages}: use 1");
        }

        if (ZeroBubbleSearch.Refuse(new SearchRequest(size.Ranks, size.MicroBatches)) is { } refusal)
        {
            throw new UsageException(refusal);
        }

        if ((long)size.Ranks * size.MicroBatches > maxActions)
        {
            throw new UsageException($"{size.Ranks} ranks x {size.MicroBatches} micro-batches are more than the {maxActions} that fit; use fewer");
        }

        return true;
    }

    /// <summary>What the search finds.</summary>
    /// <exception cref="UsageException">The options are wrong, or there is nothing to be found.</exception>
    public SearchResult Find(ParseResult parsed, PipelineSize size, StepCosts costs)
    {
        var request = new SearchRequest(size.Ranks, size.MicroBatches)
        {
            Costs = costs,
            Memory = _costs.ReadMemory(parsed, size.Ranks),
            MemoryLimit = LimitOptions.Read(_memory, parsed),
        };
        return ZeroBubbleSearch.Refuse(request) is { } lack ? throw new UsageException(lack) : ZeroBubbleSearch.Find(request);
    }

    /// <summary>Says whose order it is and how far from the least time.</summary>
    public static void Report(SearchResult? found, bool isJson, bool isAlone, Terminal terminal)
    {
        if (found is null)
        {
            return;
        }

        if (isJson)
        {
            (isAlone ? terminal.Output : terminal.Error).WriteLine(JsonText.Of(json =>
            {
                json.WriteStartObject();
                json.WriteString("event", "search");
                json.WriteString("origin", found.Origin);
                json.WriteFinite("lowerBound", found.LowerBound);
                json.WriteFinite("distanceFromBound", found.DistanceFromBound);
                json.WriteEndObject();
            }));
            return;
        }

        terminal.Error.WriteLine($"found: {found.Origin}; {Distance(found)}");
    }

    private static string Distance(SearchResult found) => found.IsProvenFastest
        ? "no order with one stage a rank is faster at this memory"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{Quantity.Percent(found.DistanceFromBound)} above {found.LowerBound:0.###}, below which no order with one stage a rank gets at this memory");
}
