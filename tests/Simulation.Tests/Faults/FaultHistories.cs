using Actors.Cpu;
using Actors.Simulation.Faults;
using Actors.Simulation.Tests.Training;
using Actors.Simulation.Turns;

namespace Actors.Simulation.Tests.Faults;

/// <summary>Whatever happens to a cluster, its run gives the bits of an undisturbed one, and ends.</summary>
public sealed class FaultHistories
{
    private const int Steps = 6;

    internal static FaultOptions Options(int processes = 3, Sabotage? sabotage = null, HistoryParts? parts = null) => new()
    {
        MakeBackend = () => new CpuBackend(),
        MakeLink = () => new HostLink(),
        Processes = processes,
        Steps = Steps,
        Sabotage = sabotage,
        Parts = parts,
    };

    [Theory]
    [InlineData(3, 120)]
    [InlineData(4, 60)]
    public void Keep_the_rules_of_a_cluster(int processes, int seeds)
    {
        var outcomes = new List<FaultOutcome>();
        OnOwnThread(() =>
        {
            using var simulation = new FaultSimulation(Options(processes));
            Seeds.ForAll(seeds, seed => outcomes.Add(simulation.Run(seed)));
        });

        // A plan that meets nobody would keep every rule.
        Assert.True(outcomes.Count < seeds || Enum.GetValues<FaultKind>().All(kind => outcomes.Exists(outcome => outcome.Faults.Contains(kind))));
        Assert.True(outcomes.Count < seeds || outcomes.Count(outcome => outcome.Placements > 1) > seeds / 5);
        Assert.All(
            Enum.GetValues<HistoryParts>(),
            part => Assert.True(outcomes.Count < seeds || outcomes.Count(outcome => outcome.Parts.HasFlag(part)) > seeds / 4));
    }

    /// <summary>
    /// Ranks that run ahead of a device, as of a GPU, in processes that share memory or send rows: what one announces to another has been moved, whatever the order of turns
    /// and however long work takes.
    /// </summary>
    [Theory]
    [InlineData(true, true, 40)]
    [InlineData(true, false, 20)]
    [InlineData(false, true, 20)]
    public void Keep_the_rules_over_devices_and_shared_memory(bool ordersStreams, bool sharesMemory, int seeds) => OnOwnThread(() =>
    {
        using var simulation = new FaultSimulation(Options() with { OrdersStreams = ordersStreams, SharesMemory = sharesMemory });
        using var plain = new FaultSimulation(Options());
        Assert.Equal(plain.Losses.OrderBy(step => step.Key), simulation.Losses.OrderBy(step => step.Key));
        var outcomes = new List<FaultOutcome>();
        Seeds.ForAll(seeds, seed => outcomes.Add(simulation.Run(seed)));
        Assert.True(outcomes.Count < seeds || outcomes.Exists(outcome => outcome.Placements > 1));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rows_that_are_announced_before_a_device_has_moved_them_are_noticed(bool sharesMemory) => OnOwnThread(() =>
    {
        using var simulation = new FaultSimulation(
            Options(sabotage: Sabotage.UnawaitedDevice, parts: HistoryParts.None) with { OrdersStreams = true, SharesMemory = sharesMemory });
        Assert.IsType<SimulationException>(Record.Exception(() => simulation.Run(seed: 1)));
    });

    /// <summary>Plans of faults that have found something when they were new; what, is said beside each.</summary>
    [Theory]
    [InlineData(28, HistoryParts.None)] // the leader ended before anybody else knew of the order: its caller watched for ever
    [InlineData(63, HistoryParts.None)] // a new leader placed the run on others, and a process kept the share of the leader before for ever
    [InlineData(162, HistoryParts.None)] // a leader that was cut off took the others for dead one by one and trained on alone, beside the others' leader
    [InlineData(423, HistoryParts.None)] // all shares were dropped when the leader ended: the next one began at epoch 1 again, and did not say what is trained again
    [InlineData(1223, HistoryParts.None)] // a leader came back from a partition after some had taken it out
    [InlineData(5, HistoryParts.Copies)] // a process that held still was taken for dead, since a peer said afterwards that it had lost it
    [InlineData(34, HistoryParts.Copies)] // a caller who asked again for a run that had ended was told of the end alone
    [InlineData(38, HistoryParts.Copies)] // what the coordinator was saving got the name of the checkpoint that the state was being saved to
    [InlineData(3071, HistoryParts.Copies | HistoryParts.Leave)] // the leader's process left as the run ended, while the state was being saved: it was never let go
    public void That_found_something_keep_the_rules(ulong seed, HistoryParts parts) => OnOwnThread(() =>
    {
        using var simulation = new FaultSimulation(Options(parts: parts));
        Assert.NotEmpty(simulation.Run(seed).Faults);
    });

    [Fact]
    public void The_same_seed_gives_the_same_history_and_another_another() => OnOwnThread(() =>
    {
        using FaultSimulation simulation = new(Options()), other = new(Options());
        var traces = new HashSet<ulong>();
        for (ulong seed = 1; seed <= 15; seed++)
        {
            FaultOutcome first = simulation.Run(seed), second = other.Run(seed);
            Assert.Equal((first.Trace, first.Turns, first.Length), (second.Trace, second.Turns, second.Length));
            Assert.Equal(string.Join('\n', first.Events), string.Join('\n', second.Events));
            Assert.True(traces.Add(first.Trace), $"seed {seed} gave the history of another one");
        }
    });

    [Theory]
    [InlineData(Sabotage.ReorderedLane, "")]
    [InlineData(Sabotage.FlippedBit, "in the undisturbed run")]
    [InlineData(Sabotage.DamagedCheckpoint, "is not that of the undisturbed run")]
    [InlineData(Sabotage.LostMessage, "")]
    [InlineData(Sabotage.EmptyCopy, "is not that of the undisturbed run", HistoryParts.Copies)]
    public void The_checkers_notice_what_is_broken_on_purpose(Sabotage sabotage, string rule, HistoryParts parts = HistoryParts.None) => OnOwnThread(() =>
    {
        using var simulation = new FaultSimulation(Options(sabotage: sabotage, parts: parts));
        SimulationException? noticed = null;
        for (ulong seed = 1; noticed is null && seed <= 20; seed++)
        {
            noticed = Record.Exception(() => simulation.Run(seed)) as SimulationException;
        }

        Assert.NotNull(noticed);
        Assert.StartsWith($"seed {noticed.Seed}: at ", noticed.Message, StringComparison.Ordinal);
        Assert.Contains(rule, noticed.Message, StringComparison.Ordinal);
    });

    /// <summary>The undisturbed run of several processes is that of one, on threads.</summary>
    [Fact]
    public void The_undisturbed_run_has_the_losses_of_one_process_without_simulation()
    {
        IReadOnlyDictionary<int, (double Loss, double Norm)>? losses = null;
        OnOwnThread(() =>
        {
            using var simulation = new FaultSimulation(Options());
            losses = simulation.Losses;
        });

        TrainingOutcome expected = TrainingRuns.WithoutSimulation(SimulatedModel.Plan, Steps, new SimulatedModel.Batches());
        Assert.Equal(expected.Losses.Zip(expected.Norms), losses!.OrderBy(entry => entry.Key).Select(entry => entry.Value));
    }

    /// <summary>A simulation belongs to the thread that it was made on, and a test's thread has a context of its own.</summary>
    private static void OnOwnThread(Action run)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(run));
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            throw new Xunit.Sdk.XunitException(failure.Message, failure);
        }
    }
}
