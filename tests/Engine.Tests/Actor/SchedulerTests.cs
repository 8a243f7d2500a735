using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using FsCheck;
using FsCheck.Fluent;
using Config = Akka.Configuration.Config;

namespace Akka.Tests.Actor;

public sealed class SchedulerTests : EngineTest
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task The_real_clocks_schedules_are_never_early_and_keep_their_order()
    {
        using TimerThreadScheduler scheduler = new(Config.Empty, NoLogger.Instance);
        IScheduler clock = scheduler;
        Probe probe = NewProbe();
        TimeSpan start = clock.MonotonicClock;
        clock.ScheduleTellOnce(2 * Soon, probe.Ref, "second", ActorRefs.NoSender);
        clock.ScheduleTellOnce(Soon, probe.Ref, "first", ActorRefs.NoSender);
        await probe.Expect("first");
        Assert.True(clock.MonotonicClock - start >= Soon);
        await probe.Expect("second");
        Assert.True(clock.MonotonicClock - start >= 2 * Soon);
    }

    [Fact]
    public async Task A_repeated_schedule_runs_until_cancelled()
    {
        using TimerThreadScheduler scheduler = new(Config.Empty, NoLogger.Instance);
        TaskCompletionSource third = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int runs = 0;
        ICancelable? schedule = null;
        using ManualResetEventSlim known = new();
        schedule = ((IScheduler)scheduler).Advanced.ScheduleRepeatedlyCancelable(TimeSpan.Zero, TimeSpan.FromMilliseconds(1), () =>
        {
            known.Wait();
            if (++runs == 3)
            {
                schedule!.Cancel();
                third.SetResult();
            }
        });
        known.Set();
        await third.Task.WaitAsync(Probe.Limit);
        TaskCompletionSource later = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ((IScheduler)scheduler).Advanced.ScheduleOnce(Soon, later.SetResult);
        await later.Task.WaitAsync(Probe.Limit);
        Assert.Equal(3, runs);
    }

    [Fact]
    public async Task Work_that_throws_does_not_end_the_scheduler()
    {
        using TimerThreadScheduler scheduler = new(Config.Empty, NoLogger.Instance);
        TaskCompletionSource after = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ((IScheduler)scheduler).Advanced.ScheduleOnce(TimeSpan.Zero, () => throw new InvalidOperationException());
        ((IScheduler)scheduler).Advanced.ScheduleOnce(TimeSpan.Zero, after.SetResult);
        await after.Task.WaitAsync(Probe.Limit);
    }

    [Fact]
    public void A_cancelled_schedule_does_not_run()
    {
        bool ran = false;
        ICancelable schedule = System.Scheduler.Advanced.ScheduleOnceCancelable(Soon, () => ran = true);
        schedule.Cancel();
        Time.Advance(2 * Soon);
        Assert.False(ran);
    }

    [Fact]
    public void A_cancelable_can_cancel_itself_later()
    {
        Cancelable cancelable = new(System.Scheduler, Soon);
        Assert.False(cancelable.IsCancellationRequested);
        Time.Advance(Soon);
        Assert.True(cancelable.IsCancellationRequested);
    }

    [Fact]
    public void Negative_delays_and_empty_intervals_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => System.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromTicks(-1), () => { }));
        Assert.Throws<ArgumentOutOfRangeException>(() => System.Scheduler.Advanced.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.Zero, () => { }));
    }

    [Fact]
    public async Task The_configuration_names_the_scheduler()
    {
        using ActorSystem system = ActorSystem.Create(
            "configured", ConfigurationFactory.ParseString($"akka.scheduler.implementation = \"{typeof(VirtualScheduler).AssemblyQualifiedName}\""));
        Assert.IsType<VirtualScheduler>(system.Scheduler);
        await Task.CompletedTask;
    }

    [Fact]
    public void A_scheduler_that_is_not_there_is_named() =>
        Assert.Contains("No.Such.Class", Assert.Throws<ConfigurationException>(() => ActorSystem.Create(
            "configured", ConfigurationFactory.ParseString("akka.scheduler.implementation = No.Such.Class"))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_heap_gives_entries_by_time_and_lets_any_of_them_go()
    {
        using TimerThreadScheduler owner = new(Config.Empty, NoLogger.Instance);
        Prop.ForAll<(byte Due, bool Leaves)[]>(ArbMap.Default.ArbFor<(byte, bool)[]>(), plan =>
        {
            ScheduleHeap heap = new();
            List<TimerThreadScheduler.ScheduledEntry> entries = [];
            for (int i = 0; i < plan.Length; i++)
            {
                entries.Add(new TimerThreadScheduler.ScheduledEntry(owner, null!, TimeSpan.Zero) { Due = TimeSpan.FromSeconds(plan[i].Due), Sequence = i });
                heap.Add(entries[i]);
            }

            List<long> expected = [];
            for (int i = 0; i < plan.Length; i++)
            {
                if (plan[i].Leaves)
                {
                    heap.Remove(entries[i]);
                }
                else
                {
                    expected.Add(i);
                }
            }

            expected = [.. expected.OrderBy(i => plan[i].Due).ThenBy(i => i)];
            List<long> actual = [];
            while (heap.First is { } first)
            {
                actual.Add(first.Sequence);
                heap.Remove(first);
            }

            return expected.SequenceEqual(actual);
        }).QuickCheckThrowOnFailure();
    }
}
