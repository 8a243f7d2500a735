namespace Akka.Actor;

/// <summary>A cancellation whose delays run on a scheduler's clock.</summary>
public class Cancelable : ICancelable, IDisposable
{
    private readonly IActionScheduler _scheduler;
    private readonly CancellationTokenSource _source;

    /// <summary>Creates a cancellation.</summary>
    public Cancelable(IScheduler scheduler)
        : this(scheduler.Advanced)
    {
    }

    /// <summary>Creates a cancellation.</summary>
    public Cancelable(IActionScheduler scheduler)
        : this(scheduler, new CancellationTokenSource())
    {
    }

    /// <summary>Creates a cancellation that happens by itself after <paramref name="delay"/>.</summary>
    public Cancelable(IScheduler scheduler, TimeSpan delay)
        : this(scheduler) => CancelAfter(delay);

    /// <summary>Creates a cancellation that happens by itself after <paramref name="delay"/>.</summary>
    public Cancelable(IActionScheduler scheduler, TimeSpan delay)
        : this(scheduler) => CancelAfter(delay);

    /// <summary>Creates a cancellation that happens by itself after that many milliseconds.</summary>
    public Cancelable(IScheduler scheduler, int millisecondsDelay)
        : this(scheduler, TimeSpan.FromMilliseconds(millisecondsDelay))
    {
    }

    private Cancelable(IActionScheduler scheduler, CancellationTokenSource source)
    {
        _scheduler = scheduler;
        _source = source;
    }

    /// <inheritdoc/>
    public bool IsCancellationRequested => _source.IsCancellationRequested;

    /// <inheritdoc/>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether it can be used no more.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>A cancellation that has happened already.</summary>
    public static ICancelable CreateCanceled() => AlreadyCanceled.Instance;

    /// <summary>A cancellation that happens when any of <paramref name="cancelables"/> does.</summary>
    public static ICancelable CreateLinkedCancelable(IScheduler scheduler, params ICancelable[] cancelables) =>
        new Cancelable(scheduler.Advanced, CancellationTokenSource.CreateLinkedTokenSource(Array.ConvertAll(cancelables, static c => c.Token)));

    /// <summary>A cancellation that happens when any of <paramref name="cancellationTokens"/> is cancelled.</summary>
    public static ICancelable CreateLinkedCancelable(IScheduler scheduler, params CancellationToken[] cancellationTokens) =>
        new Cancelable(scheduler.Advanced, CancellationTokenSource.CreateLinkedTokenSource(cancellationTokens));

    /// <inheritdoc/>
    public void Cancel() => Cancel(false);

    /// <inheritdoc/>
    public void Cancel(bool throwOnFirstException)
    {
        if (!IsDisposed)
        {
            _source.Cancel(throwOnFirstException);
        }
    }

    /// <inheritdoc/>
    public void CancelAfter(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        _scheduler.ScheduleOnce(delay, Cancel, this);
    }

    /// <inheritdoc/>
    public void CancelAfter(int millisecondsDelay) => CancelAfter(TimeSpan.FromMilliseconds(millisecondsDelay));

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Lets the resources go.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !IsDisposed)
        {
            IsDisposed = true;
            _source.Dispose();
        }
    }
}

/// <summary>The cancellation that has happened already.</summary>
internal sealed class AlreadyCanceled : ICancelable
{
    public static readonly AlreadyCanceled Instance = new();

    public bool IsCancellationRequested => true;

    public CancellationToken Token { get; } = new(true);

    public void Cancel()
    {
    }

    public void Cancel(bool throwOnFirstException)
    {
    }

    public void CancelAfter(TimeSpan delay)
    {
    }

    public void CancelAfter(int millisecondsDelay)
    {
    }
}
