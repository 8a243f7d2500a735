using Actors.Runtime.Training;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>
/// Who is told how a cluster's run goes. A watcher says now and then that it is still there; a silent one is forgotten. One that comes, or comes
/// back after a leader was lost, is told of the latest steps and notices that it has not seen.
/// </summary>
/// <param name="time">Measures.</param>
internal sealed class RunWatchers(TimeProvider time)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>Steps and notices that are kept, without loads. A caller whose leader was killed asks another after some ten seconds, in which small models make thousands of steps.</summary>
    private const int MaxLatest = 1 << 14;

    private readonly Dictionary<IActorRef, (long At, int After)> _heard = [];
    private readonly Queue<object> _latest = [];

    /// <summary>A watcher says that it is there.</summary>
    /// <param name="watcher">Who.</param>
    /// <param name="after">The last step that it has seen.</param>
    /// <param name="leader">Tells it of what came after.</param>
    /// <returns>Whether it is new.</returns>
    public bool Hear(IActorRef watcher, int after, IActorRef leader)
    {
        bool isNew = !_heard.TryGetValue(watcher, out (long At, int After) before);
        _heard[watcher] = (time.GetTimestamp(), Math.Max(after, before.After));
        foreach (object told in isNew ? _latest.Skip(SeenOf(after)) : [])
        {
            watcher.Tell(told, leader);
        }

        return isNew;
    }

    /// <summary>The last step that watchers were told of; 0: none.</summary>
    public int LastStep => _latest.OfType<StepCompleted>().LastOrDefault()?.Step ?? 0;

    /// <summary>Another run begins.</summary>
    public void Forget() => _latest.Clear();

    /// <summary>Tells of a step that a leader before may have told of.</summary>
    public void TellUnseen(StepCompleted step, IActorRef leader)
    {
        Keep(step);
        foreach (IActorRef watcher in _heard.Where(entry => entry.Value.After < step.Step).Select(entry => entry.Key))
        {
            watcher.Tell(step, leader);
        }
    }

    /// <summary>Tells all.</summary>
    public void Tell(object message, IActorRef leader)
    {
        if (message is StepCompleted or RunNotice)
        {
            Keep(message);
        }

        foreach ((IActorRef watcher, (long heard, _)) in _heard)
        {
            if (time.GetElapsedTime(heard) > Lease)
            {
                _heard.Remove(watcher);
            }
            else
            {
                watcher.Tell(message, leader);
            }
        }
    }

    /// <summary>How much of what is kept somebody has seen who has seen a step: all up to the last one that is no later.</summary>
    private int SeenOf(int after)
    {
        int seen = 0, count = 0;
        foreach (object told in _latest)
        {
            count++;
            seen = told is StepCompleted step && step.Step <= after ? count : seen;
        }

        return seen;
    }

    private void Keep(object message)
    {
        if (_latest.Count == MaxLatest)
        {
            _latest.Dequeue();
        }

        _latest.Enqueue(message is StepCompleted step ? step with { Load = [] } : message);
    }
}
