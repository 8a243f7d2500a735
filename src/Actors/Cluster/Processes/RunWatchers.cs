using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>Who is told how a cluster's run goes. A watcher says now and then that it is still there; a silent one is forgotten.</summary>
/// <param name="time">Measures.</param>
internal sealed class RunWatchers(TimeProvider time)
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);
    private readonly Dictionary<IActorRef, long> _heard = [];

    /// <summary>A watcher says that it is there.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Hear(IActorRef watcher)
    {
        bool isNew = !_heard.ContainsKey(watcher);
        _heard[watcher] = time.GetTimestamp();
        return isNew;
    }

    /// <summary>Tells all.</summary>
    public void Tell(object message, IActorRef leader)
    {
        foreach ((IActorRef watcher, long heard) in _heard)
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
}
