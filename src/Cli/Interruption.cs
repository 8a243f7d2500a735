using System.Runtime.InteropServices;

namespace Actors.Cli;

/// <summary>
/// A request to stop, by Ctrl-C, a polite kill, or a terminal that goes away. The first asks for a stop in good order; the second ends
/// the process, in case the first leads nowhere.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TextWriter _error;
    private readonly List<PosixSignalRegistration> _registrations = [];

    internal Interruption(TextWriter error)
    {
        _error = error;
    }

    /// <summary>Is cancelled by the first request.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>Listens to the process's signals.</summary>
    public static Interruption OfProcess(TextWriter error)
    {
        var interruption = new Interruption(error);
        foreach (PosixSignal signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM])
        {
            interruption._registrations.Add(
                PosixSignalRegistration.Create(signal, context => context.Cancel = interruption.Request()));
        }

        interruption._registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            interruption.HangUp();
        }));
        return interruption;
    }

    /// <summary>Takes a request.</summary>
    /// <returns>Whether the process lives on.</returns>
    public bool Request()
    {
        bool isFirst = !_stop.IsCancellationRequested;
        if (isFirst)
        {
            Stop();
        }

        return isFirst;
    }

    /// <summary>Takes the loss of the terminal: a first request. A shell and the system may both report it, so it never ends the process.</summary>
    public void HangUp()
    {
        if (!_stop.IsCancellationRequested)
        {
            Stop();
        }
    }

    private void Stop()
    {
        try
        {
            _error.WriteLine("actors: stopping in good order; once more to end at once");
        }
        catch (IOException)
        {
            // Nobody reads it where the terminal is gone; the request counts all the same.
        }
        finally
        {
            _stop.Cancel();
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }
}
