using Akka.Dispatch;

namespace Actors.Simulation.Turns;

/// <summary>
/// The turns and events of one simulated process: they can be held, as by SIGSTOP, and dropped, as by a crash. What begins in a turn of
/// a process is its own: timers, completions of devices, background work.
/// </summary>
/// <param name="loop">Takes them.</param>
/// <param name="name">First part of the paths of its actors.</param>
public sealed class ProcessTurns(SimulationLoop loop, string name)
{
    private readonly List<(IRunnable Run, ulong Key)> _held = [];

    /// <summary>First part of the paths of its actors.</summary>
    public string Name { get; } = name;

    /// <summary>Whether the process stands still.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Whether the process has ended: nothing of it runs any more.</summary>
    public bool IsDropped { get; private set; }

    /// <summary>Stops the process until <see cref="Release"/>.</summary>
    public void Hold()
    {
        IsHeld = !IsDropped;
        loop.Withdraw(this, _held);
    }

    /// <summary>Lets the process go on.</summary>
    public void Release()
    {
        IsHeld = false;
        foreach ((IRunnable run, ulong key) in _held)
        {
            loop.Add(run, key, this);
        }

        _held.Clear();
    }

    /// <summary>Ends the process: its turns, its timers and what its actors were told are lost.</summary>
    public void Drop()
    {
        (IsDropped, IsHeld) = (true, false);
        loop.Withdraw(this, _held);
        _held.Clear();
    }

    /// <summary>Keeps a turn of a process that stands still.</summary>
    internal void Keep(IRunnable run, ulong key) => _held.Add((run, key));
}
