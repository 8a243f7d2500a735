using Akka.Actor;
using Akka.Configuration;

namespace Akka.Tests.Actor;

public sealed class ShutdownTests : EngineTest
{
    private static Task<Done> Finished => Task.FromResult(Done.Instance);

    [Fact]
    public async Task Tasks_run_phase_by_phase_and_then_the_system_ends()
    {
        List<string> ran = [];
        CoordinatedShutdown shutdown = CoordinatedShutdown.Get(System);
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "last", () => Note("last"));
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "first", () => Note("first"));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "middle", () => Note("middle"));
        await System.Terminate().WaitAsync(Probe.Limit);
        Assert.Equal(["first", "middle", "last"], ran);
        Assert.IsType<CoordinatedShutdown.ActorSystemTerminateReason>(shutdown.ShutdownReason);

        Task<Done> Note(string what)
        {
            ran.Add(what);
            return Finished;
        }
    }

    [Fact]
    public async Task A_failed_task_does_not_keep_the_system_from_ending()
    {
        CoordinatedShutdown.Get(System).AddTask(CoordinatedShutdown.PhaseServiceStop, "fails", () => throw new InvalidOperationException());
        await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.UnknownReason.Instance).WaitAsync(Probe.Limit);
        await System.WhenTerminated.WaitAsync(Probe.Limit);
    }

    [Fact]
    public async Task A_phase_whose_time_is_over_is_left()
    {
        TaskCompletionSource began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CoordinatedShutdown shutdown = CoordinatedShutdown.Get(System);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "hangs", () =>
        {
            began.SetResult();
            return new TaskCompletionSource<Done>().Task;
        });
        Task<Done> over = shutdown.Run(CoordinatedShutdown.UnknownReason.Instance);
        await began.Task.WaitAsync(Probe.Limit);
        Time.Advance(shutdown.Timeout(CoordinatedShutdown.PhaseServiceStop));
        await over.WaitAsync(Probe.Limit);
    }

    [EmbeddedEngineFact("Akka.NET wraps the exception")]
    public async Task A_failed_task_ends_the_shutdown_of_a_phase_that_does_not_recover()
    {
        ActorSystem system = Start("akka.coordinated-shutdown.phases.service-stop.recover = off");
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "fails", () => throw new InvalidOperationException("no"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.UnknownReason.Instance));
        Assert.False(system.WhenTerminated.IsCompleted);
    }

    [Fact]
    public async Task Running_again_is_the_same_run()
    {
        int runs = 0;
        CoordinatedShutdown shutdown = CoordinatedShutdown.Get(System);
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "once", () =>
        {
            runs++;
            return Finished;
        });
        await Task.WhenAll(shutdown.Run(CoordinatedShutdown.UnknownReason.Instance), shutdown.Run(CoordinatedShutdown.ClrExitReason.Instance)).WaitAsync(Probe.Limit);
        Assert.Equal(1, runs);
    }

    [EmbeddedEngineFact("Akka.NET throws other exceptions")]
    public void A_phase_that_is_not_there_is_named() =>
        Assert.Contains("lunch", Assert.Throws<ArgumentException>(() => CoordinatedShutdown.Get(System).AddTask("lunch", "eat", () => Finished)).Message, StringComparison.Ordinal);

    [EmbeddedEngineFact("Akka.NET throws other exceptions")]
    public void Phases_in_a_circle_are_refused()
    {
        ActorSystem system = Start("akka.coordinated-shutdown { run-by-actor-system-terminate = off, phases { a.depends-on = [b], b.depends-on = [a] } }");
        Assert.Throws<ConfigurationException>(() => CoordinatedShutdown.Get(system));
    }
}
