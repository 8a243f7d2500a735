namespace Akka.Actor;

/// <summary>An actor system's clock and alarm.</summary>
public interface IScheduler : ITellScheduler, ITimeProvider
{
    /// <summary>Scheduling of actions rather than messages.</summary>
    IAdvancedScheduler Advanced { get; }
}
