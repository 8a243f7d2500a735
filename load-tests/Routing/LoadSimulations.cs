using System.Diagnostics;
using Actors.LoadTests.Measuring;
using Akka.Actor;

namespace Actors.LoadTests.Routing;

/// <summary>Plays load simulations through a coordinator.</summary>
/// <param name="coordinator">Starts exchanges.</param>
/// <param name="underWay">Most exchanges under way.</param>
/// <param name="failure">Ends where the actors or processes fail, with the failure.</param>
internal sealed class LoadSimulations(IActorRef coordinator, int underWay, Task failure)
{
    /// <summary>Closed loop: as many exchanges under way as there are, for a time.</summary>
    public Task<Played> KeepConstantAsync(TimeSpan time, LatencyHistogram latency) =>
        PlayAsync(done => new KeepConstant(underWay, Stopwatch.GetTimestamp() + Ticks(time), latency, done), time);

    /// <summary>Open loop: exchanges start at set times, whether or not earlier ones have ended.</summary>
    /// <param name="exchangesPerSecond">Rate.</param>
    /// <param name="time">How long exchanges are injected; as long again is waited for late ones.</param>
    /// <param name="latency">Takes the ranks' latencies.</param>
    public async Task<Played> InjectAsync(double exchangesPerSecond, TimeSpan time, LatencyHistogram latency)
    {
        long start = Stopwatch.GetTimestamp();
        Task<Played> played = PlayAsync(done => new Inject(underWay, start + (2 * Ticks(time)), latency, done), 2 * time);
        var injector = new Thread(() => InjectFrom(start, exchangesPerSecond, time)) { IsBackground = true, Name = "injector" };
        injector.Start();
        return await played;
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private async Task<Played> PlayAsync(Func<TaskCompletionSource<Played>, Simulation> simulation, TimeSpan time)
    {
        var playing = new TaskCompletionSource<Played>(TaskCreationOptions.RunContinuationsAsynchronously);
        coordinator.Tell(simulation(playing), ActorRefs.NoSender);
        try
        {
            await (await Task.WhenAny(playing.Task, failure).WaitAsync(time + TimeSpan.FromMinutes(1)));
            return await playing.Task;
        }
        catch (TimeoutException)
        {
            throw new TimeoutException("Routing came to a stop: nothing ended for a minute.");
        }
    }

    private void InjectFrom(long start, double exchangesPerSecond, TimeSpan time)
    {
        long end = start + Ticks(time);
        for (long i = 0; ; i++)
        {
            long intended = start + (long)(i / exchangesPerSecond * Stopwatch.Frequency);
            if (intended >= end)
            {
                break;
            }

            TimeSpan wait = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), intended);
            if (wait > TimeSpan.Zero)
            {
                Thread.Sleep(wait);
            }

            coordinator.Tell(new Injected(intended), ActorRefs.NoSender);
        }

        coordinator.Tell(new EndInjection(), ActorRefs.NoSender);
    }
}
