using System.Diagnostics.CodeAnalysis;
using Akka.Configuration;

namespace Actors.Runtime.Dispatching;

/// <summary>The dispatcher that ranks run on: Akka's default one, on a <see cref="WorkerPool"/>.</summary>
public static class RankDispatcher
{
    /// <summary>Messages of an actor in one turn, before it goes behind the others.</summary>
    private const int Throughput = 100;

    /// <summary>
    /// Configuration of the default dispatcher. A rank computes in one of its actors at a time, so more threads than ranks find no
    /// work: they only wake up for messages that a running thread would handle sooner.
    /// </summary>
    /// <param name="ranks">Ranks of the run in this process.</param>
    /// <param name="threads">Number of threads; null for one a rank, at most one a processor.</param>
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(WorkerPoolConfigurator))]
    public static Config For(int ranks, int? threads = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        Type executor = typeof(WorkerPoolConfigurator);
        return ConfigurationFactory.ParseString(
            $$"""
            akka.actor.default-dispatcher {
              type = Dispatcher
              executor = "{{executor.FullName}}, {{executor.Assembly.GetName().Name}}"
              throughput = {{Throughput}}
              threads = {{threads ?? Math.Min(ranks, Environment.ProcessorCount)}}
            }
            """);
    }
}
