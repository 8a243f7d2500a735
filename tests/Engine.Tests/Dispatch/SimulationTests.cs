using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;

namespace Akka.Tests.Dispatch;

public sealed class SimulationTests
{
    [Fact]
    public void A_system_runs_on_one_thread_in_virtual_time_and_repeats_itself()
    {
        string first = Run(seed: 7);
        Assert.Equal(first, Run(seed: 7));
        Assert.Contains("tick 3", first, StringComparison.Ordinal);
        Assert.Contains(Enumerable.Range(0, 50), seed => Run(seed) != first); // the order really is the seed's
    }

    /// <summary>Steps through the turns of all actors in an order that the seed chooses; gives the events in the order in which they happened.</summary>
    private static string Run(int seed)
    {
        Random random = new(seed);
        List<IRunnable> turns = [];
        VirtualScheduler time = new();
        List<string> events = [];
        int thread = Environment.CurrentManagedThreadId;
        ActorSystem system = ActorSystem.Create("simulated", ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString("akka.loglevel = OFF, akka.stdout-loglevel = OFF")),
            new RuntimeSetup { Scheduler = time, Execute = turns.Add }));
        for (int i = 0; i < 4; i++)
        {
            int number = i;
            int ticks = 0;
            system.ActorOf(Scripted.Props((actor, message) =>
            {
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                if (message is "start")
                {
                    actor.Timers.StartPeriodicTimer("tick", "tick", TimeSpan.FromSeconds(1));
                }
                else
                {
                    events.Add($"{number} at {actor.Context.System.Scheduler.MonotonicClock.TotalSeconds}: tick {++ticks}");
                }
            })).Tell("start");
        }

        Drain();
        for (int second = 0; second < 3; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Drain();
        }

        return string.Join('\n', events);

        void Drain()
        {
            while (turns.Count > 0)
            {
                int chosen = random.Next(turns.Count);
                IRunnable turn = turns[chosen];
                turns.RemoveAt(chosen);
                turn.Run();
            }
        }
    }
}
