using System.Diagnostics;

namespace Actors.LoadTests.Links;

/// <summary>Copies payloads from where a link reads them to where it would write them: one thread, the same memory.</summary>
internal sealed class CopyLoad : IDisposable
{
    private readonly PayloadBuffers _from = new();
    private readonly PayloadBuffers _to = new();

    /// <summary>Copies for a time.</summary>
    /// <returns>Gigabytes a second.</returns>
    public double Run(int bytes, TimeSpan time)
    {
        long copied = 0, start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            for (int i = 0; i < LinkLoad.Window(bytes); i++, copied++)
            {
                int place = (int)(copied % PayloadBuffers.Places(bytes));
                _from.Payload(place, bytes).CopyTo(_to.Payload(place, bytes));
            }
        }

        return copied * (double)bytes / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9;
    }

    public void Dispose()
    {
        _from.Dispose();
        _to.Dispose();
    }
}
