using System.Diagnostics.CodeAnalysis;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Pipeline;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace Actors.Simulation.Turns;

/// <summary>
/// An actor system of Akka.NET whose turns, timers and clock are a loop's: one thread, the caller's, and no time but the virtual one.
/// Nothing in it may await or ask, for a task goes on in a thread of the pool.
/// </summary>
public sealed class SimulatedSystem : IDisposable
{
    private const string StagesOfRanks = "/user/*/*/stage";
    private const int MostDescribed = 16;
    private int _describers;

    /// <summary>Makes the system.</summary>
    /// <param name="loop">Runs its actors.</param>
    /// <param name="processOf">The simulated process whose actor has a path; null: there are none.</param>
    /// <param name="background">Does background work; null: there is none.</param>
    public SimulatedSystem(SimulationLoop loop, Func<ActorPath, ProcessTurns?>? processOf = null, IBackgroundWork? background = null)
    {
        Loop = loop;
        ActorSystemSetup setup = BootstrapSetup.Create().WithConfig(Configuration()).And(new SimulationSetup(loop, processOf));
        System = ActorSystem.Create("simulation", background is null ? setup : setup.And(new BackgroundSetup(background)));
    }

    /// <summary>Runs the actors.</summary>
    public SimulationLoop Loop { get; }

    /// <summary>Where actors live.</summary>
    public ActorSystem System { get; }

    /// <summary>Makes a user.</summary>
    /// <param name="name">Its actor's name.</param>
    public SimulatedUser User(string name) => new(System, name);

    /// <summary>Takes turns until something has happened.</summary>
    /// <param name="isDone">Asked after each turn.</param>
    /// <exception cref="SimulationException">Nothing is left to do before; it says what each rank waits for.</exception>
    public void RunUntil(Func<bool> isDone)
    {
        ArgumentNullException.ThrowIfNull(isDone);
        bool done;
        try
        {
            done = Loop.Run(isDone);
        }
        catch (Exception failure) when (failure is not SimulationException)
        {
            throw new SimulationException(Loop.Seed, $"{Place()}: {failure.Message}", failure);
        }

        if (!done)
        {
            string place = $"{Place()},";
            throw new SimulationException(Loop.Seed, $"{place} nothing is left to do, but the run has not ended: {Describe()}");
        }
    }

    /// <summary>Takes all turns that are left: what is still under way comes to its end.</summary>
    public void RunDry() => Loop.Run(() => false);

    /// <summary>Ends the actors. What they leave behind is no part of the run: Akka stops trees of actors in no order that repeats.</summary>
    public void Dispose()
    {
        Task end = System.Terminate();
        Loop.Run(() => end.IsCompleted);
        Loop.End();
    }

    private string Place() => $"after {Loop.Turns} turns, at {TimeSpan.FromTicks(Loop.Now).TotalSeconds:0.######} s of virtual time";

    /// <summary>What each rank waits for, in its own words.</summary>
    private string Describe()
    {
        SimulatedUser asker = User($"describer-{++_describers}");
        System.ActorSelection(StagesOfRanks).Tell(new DescribeState(), asker.Ref);
        RunDry();
        string[] states = [.. asker.Messages.OfType<StateDescribed>().OrderBy(state => state.Rank).Select(state => state.Text)];
        string rest = states.Length > MostDescribed ? $"; and {states.Length - MostDescribed} more ranks" : "";
        return states.Length == 0 ? "no rank answers" : string.Join("; ", states.Take(MostDescribed)) + rest;
    }

    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(SimulationExecutorConfigurator))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(SteppedMailbox))]
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(VirtualScheduler))]
    private static Config Configuration()
    {
        string dispatcher = $$"""{ type = Dispatcher, executor = "{{NameOf(typeof(SimulationExecutorConfigurator))}}", throughput = 1 }""";
        string mailbox = $"mailbox-type = \"{NameOf(typeof(SteppedMailbox))}\"";
        return ConfigurationFactory.ParseString(
            $$"""
            akka {
              loglevel = OFF
              stdout-loglevel = OFF
              loggers = []
              log-dead-letters = off
              scheduler.implementation = "{{NameOf(typeof(VirtualScheduler))}}"
              actor.default-dispatcher = {{dispatcher}}
              actor.internal-dispatcher = {{dispatcher}}
              actor.channel-dispatcher = {{dispatcher}}
              actor.default-mailbox { {{mailbox}} }
              actor.mailbox.unbounded-deque-based { {{mailbox}} }
              coordinated-shutdown {
                run-by-clr-shutdown-hook = off
                run-by-actor-system-terminate = off
                terminate-actor-system = off
              }
            }
            """);
    }

    private static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}
