using System.Diagnostics.Metrics;
using Actors.Runtime.Diagnostics;

namespace Actors.Runtime.Tests.Diagnostics;

/// <summary>Listens to the instruments of one run: sums what counters add, keeps what observed ones and gauges say last.</summary>
internal sealed class RecordingMeters : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _values = [];
    private readonly Dictionary<string, int> _counts = [];
    private readonly List<Instrument> _instruments = [];

    public RecordingMeters(RuntimeMeters meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (meters.Owns(instrument))
            {
                _instruments.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<Instrument> Instruments => _instruments;

    /// <summary>A value, such as <c>actors.fabric.rows hop=slow</c>; observed ones as they are now.</summary>
    public double this[string name]
    {
        get
        {
            _listener.RecordObservableInstruments();
            lock (_values)
            {
                return _values.TryGetValue(name, out double value)
                    ? value
                    : throw new KeyNotFoundException($"{name} is not among {string.Join(", ", _values.Keys)}.");
            }
        }
    }

    /// <summary>How often an instrument took a value.</summary>
    public int CountOf(string name)
    {
        lock (_values)
        {
            return _counts.GetValueOrDefault(name);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string name = instrument.Name;
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            name += $" {tag.Key}={tag.Value}";
        }

        bool replaces = instrument.IsObservable || instrument is Gauge<double>;
        lock (_values)
        {
            _values[name] = value + (replaces ? 0 : _values.GetValueOrDefault(name));
            _counts[name] = _counts.GetValueOrDefault(name) + 1;
        }
    }
}
