using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>
/// Work in the order in which it was given. Each piece is really done at a time that the seed draws between its start and its end, so
/// that neither who reads a result too early nor who overwrites an input too early goes unnoticed. While the loop takes no turns,
/// before and after a run, it is done at once.
/// </summary>
/// <param name="loop">Whose time it takes.</param>
internal sealed class DelayedWork(SimulationLoop loop)
{
    private readonly Queue<Action> _waiting = [];
    private readonly Queue<(IStreamCompletion Completion, long Count)> _completions = [];
    private Queue<Action> _behind = [];
    private Gate? _gate;
    private long _added;
    private long _done;
    private long _end;
    private Exception? _failure;

    /// <summary>Whether all is done and said to be.</summary>
    public bool IsIdle
    {
        get
        {
            if (_completions.Count > 0 || _end > loop.Now || _gate is not null)
            {
                return false;
            }

            Do(_added);
            return _failure is null;
        }
    }

    /// <summary>Work that begins when what was given before has ended.</summary>
    public void AddAfter(long cost, Action work) => WhenOpen(() => Add(Math.Max(_end, loop.Now) + cost, work));

    /// <summary>Work that begins now, and ends no sooner than what was given before.</summary>
    public void AddBeside(long cost, Action work) => WhenOpen(() => Add(Math.Max(_end, loop.Now + cost), work));

    /// <summary>What was given so far: its number, and when it ends.</summary>
    public (long Count, long End) Place => (_added, _end);

    /// <summary>When a mark is reached that is enqueued now.</summary>
    public long ReachedAt => Math.Max(_end, loop.Now);

    /// <summary>What is given from now on begins behind a place in other work.</summary>
    public void AddBehind(DelayedWork other, (long Count, long End) place) => WhenOpen(() => Add(Math.Max(_end, place.End), () => other.DoBefore(place.Count)));

    /// <summary>What is given from now on begins no sooner than the gate is open.</summary>
    public void WaitFor(Gate gate) => WhenOpen(() =>
    {
        if (!gate.IsOpen)
        {
            _gate = gate;
            gate.WhenOpen(Resume);
        }
    });

    /// <summary>Calls <paramref name="given"/> in the order of what is given: once no gate that came before is closed.</summary>
    public void WhenOpen(Action given)
    {
        if (_gate is null)
        {
            given();
        }
        else
        {
            _behind.Enqueue(given);
        }
    }

    /// <summary>Does so much of what was given, if it was not done before.</summary>
    /// <returns>Whether nothing has failed.</returns>
    public bool TryDo(long count)
    {
        Do(count);
        return _failure is null;
    }

    /// <summary>Calls <paramref name="completion"/> when all that was given before has ended: at once, if it has.</summary>
    public void Notify(IStreamCompletion completion) => WhenOpen(() => NotifyNow(completion));

    private void NotifyNow(IStreamCompletion completion)
    {
        if (_completions.Count == 0 && (_end <= loop.Now || !loop.IsRunning))
        {
            Do(_added);
            completion.Completed(_failure);
            return;
        }

        _completions.Enqueue((completion, _added));
        loop.At(_end, Complete);
    }

    /// <summary>Nothing of it is done any more, nor said to be: its memory is about to be freed.</summary>
    public void Drop()
    {
        _waiting.Clear();
        _completions.Clear();
        _behind.Clear();
        _done = _added;
    }

    private void Resume()
    {
        _gate = null;
        while (_gate is null && _behind.TryDequeue(out Action? given))
        {
            // What it gives behind a gate of its own comes before what was given after it.
            Queue<Action> later = _behind;
            _behind = [];
            given();
            foreach (Action next in later)
            {
                _behind.Enqueue(next);
            }
        }
    }

    private void Add(long end, Action work)
    {
        _waiting.Enqueue(work);
        _added++;
        if (!loop.IsRunning)
        {
            Do(_added);
            return;
        }

        _end = end;
        if (loop.Draw(2) == 0)
        {
            // Some of what waits: where all of it were done each time, hardly anything would be done late.
            Do(_done + 1 + loop.Draw((int)(_added - _done)));
        }
    }

    /// <summary>Each event completes the first that waits: of those that end at one time too, the order is that of the calls.</summary>
    private void Complete()
    {
        if (_completions.TryDequeue(out (IStreamCompletion Completion, long Count) next))
        {
            Do(next.Count);
            next.Completion.Completed(_failure);
        }
    }

    private void DoBefore(long count)
    {
        Do(count);
        if (_failure is { } failure)
        {
            throw new InvalidOperationException("Work on another stream has failed before.", failure);
        }
    }

    private void Do(long count)
    {
        for (; _done < count; _done++)
        {
            Action work = _waiting.Dequeue();
            try
            {
                if (_failure is null)
                {
                    work();
                }
            }
            catch (Exception failure)
            {
                _failure = failure;
            }
        }
    }
}
