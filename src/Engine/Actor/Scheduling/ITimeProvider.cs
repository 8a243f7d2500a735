namespace Akka.Actor;

/// <summary>A clock.</summary>
public interface ITimeProvider
{
    /// <summary>Date and time.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Time since some fixed moment; it never goes back.</summary>
    TimeSpan MonotonicClock { get; }

    /// <summary>The same with the finest resolution that there is.</summary>
    TimeSpan HighResMonotonicClock { get; }
}
