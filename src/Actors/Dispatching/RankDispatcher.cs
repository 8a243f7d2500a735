using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Configuration;

namespace Actors.Runtime.Dispatching;

/// <summary>
/// The dispatchers that ranks run on: Akka's default one for what computes, and beside it one for windows and channels where there are
/// processors to spare, so that rows move while ranks compute.
/// </summary>
public static class RankDispatcher
{
    /// <summary>Messages of an actor in one turn, before it goes behind the others.</summary>
    private const int Throughput = 100;

    /// <summary>Rows move faster than ranks make them: more threads would sleep between messages, and waking one takes 50 µs.</summary>
    private const int RanksOfChannelThread = 4;

    private const string Computing = "akka.actor.default-dispatcher";
    private const string Moving = "akka.actor.channel-dispatcher";

    /// <summary>
    /// Configuration of the dispatchers. A rank computes in one of its actors at a time, so more threads than ranks find no
    /// work: they only wake up for messages that a running thread would handle sooner.
    /// </summary>
    /// <param name="ranks">Ranks of the run in this process.</param>
    /// <param name="threads">Threads that compute; null for one a rank, at most one a processor.</param>
    /// <param name="channelThreads">
    /// Threads of windows and channels, 0 to let them share those that compute; null for one to every four ranks, at most the
    /// processors that are left.
    /// </param>
    public static Config For(int ranks, int? threads = null, int? channelThreads = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        int computing = threads ?? Math.Min(ranks, Environment.ProcessorCount);
        int moving = channelThreads ?? Math.Clamp(Environment.ProcessorCount - computing, 0, (ranks + RanksOfChannelThread - 1) / RanksOfChannelThread);
        Config config = Pool(Computing, computing);
        return moving > 0 ? config.WithFallback(Pool(Moving, moving)) : config;
    }

    /// <summary>Lets an actor run on the threads of windows and channels, where the system has such.</summary>
    public static Props BesideComputation(Props props, ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(props);
        ArgumentNullException.ThrowIfNull(system);
        return system.Settings.Config.HasPath(Moving) ? props.WithDispatcher(Moving) : props;
    }

    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(WorkerPoolConfigurator))]
    private static Config Pool(string path, int threads)
    {
        Type executor = typeof(WorkerPoolConfigurator);
        return ConfigurationFactory.ParseString(
            $$"""
            {{path}} {
              type = Dispatcher
              executor = "{{executor.FullName}}, {{executor.Assembly.GetName().Name}}"
              throughput = {{Throughput}}
              threads = {{threads}}
            }
            """);
    }
}
