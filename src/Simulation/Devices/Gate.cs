namespace Actors.Simulation.Devices;

/// <summary>Something that work waits for, of which nobody knows yet when it comes.</summary>
internal sealed class Gate
{
    private readonly List<Action> _waiting = [];

    /// <summary>Whether it has come.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Calls what waits.</summary>
    public void Open()
    {
        if (IsOpen)
        {
            return;
        }

        IsOpen = true;
        _waiting.ForEach(static resume => resume());
        _waiting.Clear();
    }

    /// <summary>Calls <paramref name="resume"/> when the gate opens; it is closed.</summary>
    public void WhenOpen(Action resume) => _waiting.Add(resume);
}
