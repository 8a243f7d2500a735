namespace Akka.Actor;

/// <summary>Something that can be called off.</summary>
public interface ICancelable
{
    /// <summary>Whether it has been.</summary>
    bool IsCancellationRequested { get; }

    /// <summary>Tells others that it has been.</summary>
    CancellationToken Token { get; }

    /// <summary>Calls it off now.</summary>
    void Cancel();

    /// <summary>Calls it off now.</summary>
    /// <param name="throwOnFirstException">Whether the first callback that throws ends the calling of others.</param>
    void Cancel(bool throwOnFirstException);

    /// <summary>Calls it off after <paramref name="delay"/>.</summary>
    void CancelAfter(TimeSpan delay);

    /// <summary>Calls it off after that many milliseconds.</summary>
    void CancelAfter(int millisecondsDelay);
}
