using System.Text.Json;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Simulation.Devices;
using Actors.Simulation.Tests.Training;
using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Overlap;

/// <summary>What a run says of rows that its devices move themselves, where costs are known: moves take there what they cost, and hidden is what others compute of the trace.</summary>
public sealed class MovedRows
{
    private const long PushCost = 7_000, CollectCost = 9_000;

    /// <summary>Losses, loads and counts that two ranks copy to the host at a step's end, a tick each.</summary>
    private const long MostCopies = 16;

    [Theory]
    [InlineData("1f1b", 1, 2)]
    [InlineData("1f1b", 1, 4)]
    [InlineData("dualpipe", 2, 2)]
    public void A_move_takes_what_it_costs_however_late_others_are(string schedule, int pipelineRanks, int expertRanks) => Seeds.ForAll(3, seed =>
    {
        using SimulatedTraining training = Train(Plan(schedule, pipelineRanks, expertRanks), seed);

        ILookup<bool, long> moved = training.Trace.Where(one => one.Kind == TraceKind.Communication).ToLookup(
            one => one.Component.Kind is ComponentKind.StartCombine or ComponentKind.StartGradientCombine, one => one.End - one.Start);
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks);
        int exchanges = 2 * plan.ExpertRanks * plan.MicroBatches * (plan.Model.Layers - plan.Model.FirstDenseLayers);
        Assert.Equal(Enumerable.Repeat(PushCost, exchanges), moved[false]);
        Assert.Equal(Enumerable.Repeat(CollectCost, exchanges), moved[true]);
    });

    /// <summary>The host takes no time here, and a stage alone waits for rows only: its time is computing, moving that nothing hides, and waiting for ranks behind.</summary>
    [Fact]
    public void Without_pairs_of_chunks_all_moves_are_exposed_and_all_other_waiting_is_skew() => Seeds.ForAll(3, seed =>
    {
        using SimulatedTraining training = Train(Plan("1f1b", 1, 2), seed);

        RankTimes times = training.Steps[0].Times;
        Assert.Equal(times.Communication.Total - times.Communication.Hidden, times.ExposedCommunication);
        Assert.Equal(0, times.Bubble);
        Assert.InRange(times.Total - times.Device - times.ExposedCommunication - times.Skew, 0, MostCopies);
        Assert.True(times.ExposedCommunication > 0);
    });

    [Theory]
    [InlineData("1f1b", 1, 2)]
    [InlineData("dualpipe", 2, 2)]
    [InlineData("dualpipe", 4, 2)]
    public void Hidden_communication_is_that_of_the_written_trace(string schedule, int pipelineRanks, int expertRanks) => Seeds.ForAll(3, seed =>
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks);
        using SimulatedTraining training = Train(plan, seed);
        string file = Path.GetTempFileName();
        try
        {
            ChromeTrace.Write(file, training.RunTrace, training.Time);
            RankTimes times = training.Steps[0].Times;

            (double all, double hidden) = Read(file, pairsAlone: times.PairCommunication.Total > 0);

            CommunicationTime expected = times.PairCommunication.Total > 0 ? times.PairCommunication : times.Communication;
            Assert.True(expected.Total > 0);
            Assert.Equal(expected.Total * 1e6 / training.Time.TimestampFrequency, all, 3);
            Assert.Equal(expected.HiddenShare!.Value, hidden / all, 6);
        }
        finally
        {
            File.Delete(file);
        }
    });

    /// <summary>The share of bench/hidden.py: of what began in an action of a pair, joined, the part under computation of the same rank.</summary>
    private static (double All, double Hidden) Read(string file, bool pairsAlone)
    {
        using var trace = JsonDocument.Parse(File.ReadAllText(file));
        double all = 0, hidden = 0;
        foreach (IGrouping<int, JsonElement> rank in trace.RootElement.GetProperty("traceEvents").EnumerateArray()
            .Where(one => one.GetProperty("ph").GetString() == "X").GroupBy(one => one.GetProperty("pid").GetInt32()))
        {
            List<(double Start, double End)> pairs = Join(rank.Where(one => Is(one, "action") && one.GetProperty("name").GetString()!.Contains("OVERLAP", StringComparison.Ordinal)));
            List<(double Start, double End)> computed = Join(rank.Where(one => Is(one, "compute")));
            List<(double Start, double End)> moved = Join(rank.Where(one => Is(one, "communication")
                && (!pairsAlone || pairs.Exists(pair => pair.Start <= Span(one).Start && Span(one).Start <= pair.End))));
            all += moved.Sum(move => move.End - move.Start);
            hidden += moved.Sum(move => computed.Sum(stretch => Math.Max(0, Math.Min(move.End, stretch.End) - Math.Max(move.Start, stretch.Start))));
        }

        return (all, hidden);

        static bool Is(JsonElement one, string category) => one.GetProperty("cat").GetString() == category;
    }

    private static List<(double Start, double End)> Join(IEnumerable<JsonElement> events)
    {
        var joined = new List<(double Start, double End)>();
        foreach ((double start, double end) in events.Select(Span).Order())
        {
            if (joined.Count > 0 && start <= joined[^1].End)
            {
                joined[^1] = (joined[^1].Start, Math.Max(joined[^1].End, end));
            }
            else
            {
                joined.Add((start, end));
            }
        }

        return joined;
    }

    private static (double Start, double End) Span(JsonElement one)
    {
        double start = one.GetProperty("ts").GetDouble();
        return (start, start + one.GetProperty("dur").GetDouble());
    }

    private static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks) =>
        Models.Plan(schedule, pipelineRanks, expertRanks, expertRanks, microBatches: 2 * pipelineRanks) with { TraceCapacity = 1 << 12 };

    private static SimulatedTraining Train(RunPlan plan, ulong seed)
    {
        var training = new SimulatedTraining(plan, seed, loop => new CostlyMoves(loop), ordersStreams: true);
        training.Train(1);
        return training;
    }

    /// <summary>Moves cost the same each time; what is computed, as the seed draws.</summary>
    private sealed class CostlyMoves(SimulationLoop loop) : ICosts
    {
        private readonly DrawnCosts _drawn = new(loop);

        public long Of(Operation operation, Tensor result) => operation switch
        {
            Operation.PushRows => PushCost,
            Operation.CollectSums => CollectCost,
            Operation.PlaceRows or Operation.PushChoices or Operation.CollectWeightGradients => 0,

            // What a step enqueues before its first component, and behind its last.
            Operation.Upload or Operation.Zero => 0,
            Operation.Copy => 1,

            // Not nothing, so that what follows a pair begins behind it.
            _ => 1 + _drawn.Of(operation, result),
        };

        public long Of(Movement movement, Tensor destination) => _drawn.Of(movement, destination);
    }
}
