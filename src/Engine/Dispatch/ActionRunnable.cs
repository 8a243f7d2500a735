namespace Akka.Dispatch;

/// <summary>An action as a runnable.</summary>
public sealed class ActionRunnable : IRunnable
{
    private readonly Action _action;

    /// <summary>Creates a runnable that calls <paramref name="action"/>.</summary>
    public ActionRunnable(Action action) => _action = action;

    /// <inheritdoc/>
    public void Run() => _action();
}
