using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Actors.Schedules.Generators;

namespace Actors.Schedules;

/// <summary>The schedules by name.</summary>
public static class ScheduleCatalog
{
    /// <summary>DualPipe, <c>dualpipe</c>.</summary>
    public static ISchedule DualPipe { get; } = new DualPipe();

    /// <summary>1F1B, <c>1f1b</c>.</summary>
    public static ISchedule OneForwardOneBackward { get; } = new OneForwardOneBackward();

    /// <summary>Forward only, for evaluation, <c>forward</c>.</summary>
    public static ISchedule ForwardOnly { get; } = new ForwardOnly();

    /// <summary>All schedules, in the order in which help lists them.</summary>
    public static ImmutableArray<ISchedule> All { get; } = [DualPipe, OneForwardOneBackward, ForwardOnly];

    /// <summary>Finds a schedule by name, ignoring case.</summary>
    /// <param name="name">Such as <c>dualpipe</c>.</param>
    /// <param name="schedule">The schedule, when the answer is true.</param>
    /// <param name="error">One line that names the known schedules, when the answer is false.</param>
    public static bool TryFind(string name, [NotNullWhen(true)] out ISchedule? schedule, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var candidate in All)
        {
            if (string.Equals(candidate.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                schedule = candidate;
                error = null;
                return true;
            }
        }

        schedule = null;
        error = $"unknown schedule '{name}': use one of {string.Join(", ", All.Select(known => known.Name))}";
        return false;
    }

    /// <summary>Makes the timetable of a named schedule.</summary>
    /// <exception cref="ArgumentException">The name is unknown or there is none for the size; the message has the mend.</exception>
    public static Timetable Create(string name, PipelineSize size)
        => TryFind(name, out var schedule, out var error) ? schedule.Create(size) : throw new ArgumentException(error);
}
