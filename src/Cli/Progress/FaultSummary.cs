using System.Globalization;
using System.Text;
using Actors.Simulation.Faults;

namespace Actors.Cli.Progress;

/// <summary>Shows how simulated histories go, and sums them up.</summary>
/// <param name="terminal">Where.</param>
/// <param name="time">Measures.</param>
/// <param name="seeds">Histories that were asked for.</param>
/// <param name="isDetailed">Whether what happened in each is shown.</param>
internal sealed class FaultSummary(Terminal terminal, TimeProvider time, int seeds, bool isDetailed)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly SortedDictionary<FaultKind, int> _faults = [];
    private readonly SortedDictionary<HistoryParts, int> _parts = [];
    private readonly Lock _adding = new();
    private readonly long _started = time.GetTimestamp();
    private long _shown = time.GetTimestamp();
    private int _count;
    private int _failed;
    private int _recoveries;
    private int _stepsAgain;
    private int _promptsRefused;
    private long _turns;
    private (TimeSpan Time, ulong Seed) _longest;

    /// <summary>A history has ended; from any thread.</summary>
    public void Add(FaultOutcome outcome)
    {
        lock (_adding)
        {
            _count++;
            _failed += outcome.Failure is null ? 0 : 1;
            _recoveries += Math.Max(0, outcome.Placements - 1);
            _stepsAgain += outcome.StepsAgain;
            _promptsRefused += outcome.PromptsRefused;
            _turns += outcome.Turns;
            _longest = outcome.LongestRecovery > _longest.Time ? (outcome.LongestRecovery, outcome.Seed) : _longest;
            foreach (HistoryParts part in Enum.GetValues<HistoryParts>().Where(part => part != HistoryParts.None && outcome.Parts.HasFlag(part)))
            {
                _parts[part] = _parts.GetValueOrDefault(part) + 1;
            }

            foreach (FaultKind fault in outcome.Faults)
            {
                _faults[fault] = _faults.GetValueOrDefault(fault) + 1;
            }

            if (isDetailed)
            {
                foreach (string line in outcome.Events)
                {
                    terminal.Output.WriteLine(line);
                }
            }
            else if (time.GetElapsedTime(_shown) > Interval)
            {
                _shown = time.GetTimestamp();
                terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_count} of {seeds} seeds, {Rate():0.0} a second"));
            }
        }
    }

    /// <summary>Writes the sum.</summary>
    public void Write()
    {
        lock (_adding)
        {
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"{_count} seeds in {time.GetElapsedTime(_started).TotalSeconds:0.0} s, {Rate():0.0} a second, {_turns} turns\n");
            text.Append(CultureInfo.InvariantCulture, $"with: {Counts(_parts)}\n");
            text.Append(CultureInfo.InvariantCulture, $"faults: {Counts(_faults)}\n");
            text.Append(
                CultureInfo.InvariantCulture,
                $"recoveries: {_recoveries}, the longest {_longest.Time.TotalSeconds:0.0} s of virtual time (seed {_longest.Seed}); steps trained again: {_stepsAgain}\n");
            text.Append(CultureInfo.InvariantCulture, $"runs that ended with an error for their caller, since the disk was full: {_failed}; prompts that were refused: {_promptsRefused}\n");
            terminal.Output.Write(text);
        }
    }

    private static string Counts<T>(SortedDictionary<T, int> counts)
        where T : struct, Enum =>
        counts.Count == 0 ? "none" : string.Join(", ", counts.Select(entry => $"{entry.Key} {entry.Value}"));

    private double Rate() => _count / Math.Max(1e-9, time.GetElapsedTime(_started).TotalSeconds);
}
