namespace Akka.Actor;

/// <summary>An actor with timers, which the engine sets before the first message.</summary>
public interface IWithTimers
{
    /// <summary>The timers; they end with the instance.</summary>
    ITimerScheduler Timers { get; set; }
}
