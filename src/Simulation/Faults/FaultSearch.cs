using System.Collections.Concurrent;
using System.Collections.Immutable;
using Actors.Simulation.Turns;

namespace Actors.Simulation.Faults;

/// <summary>Runs the histories of many seeds, several at a time, each in one thread. Stops at the first that breaks a rule.</summary>
/// <param name="options">What histories are made of.</param>
public sealed class FaultSearch(FaultOptions options)
{
    private readonly ConcurrentQueue<FaultOutcome> _outcomes = new();
    private SimulationException? _failure;
    private long _next;

    /// <summary>The histories that have ended.</summary>
    public ImmutableArray<FaultOutcome> Outcomes => [.. _outcomes];

    /// <summary>Runs the seeds from <paramref name="first"/> on.</summary>
    /// <param name="first">The first seed.</param>
    /// <param name="count">How many.</param>
    /// <param name="threads">Threads to run them on.</param>
    /// <param name="ended">Is told of each that has ended; from any of the threads.</param>
    /// <param name="stop">Asks to end after those under way.</param>
    /// <exception cref="SimulationException">A rule is broken; of several the one with the lowest seed.</exception>
    public void Run(ulong first, int count, int threads, Action<FaultOutcome> ended, CancellationToken stop)
    {
        Thread[] all = [.. Enumerable.Range(0, Math.Min(threads, count)).Select(_ => new Thread(() => Work(first, count, ended, stop)))];
        Array.ForEach(all, thread => thread.Start());
        Array.ForEach(all, thread => thread.Join());
        if (_failure is { } failure)
        {
            throw failure;
        }
    }

    private void Work(ulong first, int count, Action<FaultOutcome> ended, CancellationToken stop)
    {
        try
        {
            using var simulation = new FaultSimulation(options);
            while (_failure is null && !stop.IsCancellationRequested && Interlocked.Increment(ref _next) is var number && number <= count)
            {
                FaultOutcome outcome = simulation.Run(first + (ulong)(number - 1));
                _outcomes.Enqueue(outcome);
                ended(outcome);
            }
        }
        catch (SimulationException failure)
        {
            Fail(failure);
        }
    }

    private void Fail(SimulationException failure)
    {
        lock (_outcomes)
        {
            _failure = _failure is null || failure.Seed < _failure.Seed ? failure : _failure;
        }
    }
}
