using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Actors.Schedules.Generators;

namespace Actors.Schedules;

/// <summary>The schedules by name.</summary>
public static class ScheduleCatalog
{
    /// <summary>GPipe, <c>gpipe</c>.</summary>
    public static ISchedule GPipe { get; } = new GPipe();

    /// <summary>1F1B, <c>1f1b</c>.</summary>
    public static ISchedule OneForwardOneBackward { get; } = new OneForwardOneBackward();

    /// <summary>Interleaved 1F1B, <c>interleaved-1f1b</c>.</summary>
    public static ISchedule InterleavedOneForwardOneBackward { get; } = new InterleavedOneForwardOneBackward();

    /// <summary>ZB1P or ZB-H1, <c>zb1p</c>.</summary>
    public static ISchedule ZeroBubbleH1 { get; } = new ZeroBubbleH1();

    /// <summary>Interleaved zero bubble, <c>interleaved-zero-bubble</c>.</summary>
    public static ISchedule InterleavedZeroBubble { get; } = new InterleavedZeroBubble();

    /// <summary>ZBV, <c>zbv</c>.</summary>
    public static ISchedule ZeroBubbleV { get; } = new ZeroBubbleV();

    /// <summary>Chimera, <c>chimera</c>.</summary>
    public static ISchedule Chimera { get; } = new Chimera();

    /// <summary>DualPipe, <c>dualpipe</c>.</summary>
    public static ISchedule DualPipe { get; } = new DualPipe();

    /// <summary>DualPipeV, <c>dualpipev</c>.</summary>
    public static ISchedule DualPipeV { get; } = new DualPipeV();

    /// <summary>Forward only, for evaluation, <c>forward</c>.</summary>
    public static ISchedule ForwardOnly { get; } = new ForwardOnly();

    /// <summary>All schedules, in the order in which help lists them: from the plain to the involved, evaluation last.</summary>
    public static ImmutableArray<ISchedule> All { get; } =
    [
        GPipe, OneForwardOneBackward, InterleavedOneForwardOneBackward, ZeroBubbleH1, InterleavedZeroBubble, ZeroBubbleV,
        Chimera, DualPipe, DualPipeV, ForwardOnly,
    ];

    /// <summary>Finds a schedule by name, ignoring case.</summary>
    /// <param name="name">Such as <c>dualpipe</c>.</param>
    /// <param name="schedule">The schedule, when the answer is true.</param>
    /// <param name="error">One line that names the nearest schedule and all known ones, when the answer is false.</param>
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
        var nearest = All.MinBy(known => EditDistance.Between(name.ToLowerInvariant(), known.Name))!;
        error = $"unknown schedule '{name}': did you mean {nearest.Name}? Use one of {string.Join(", ", All.Select(known => known.Name))}";
        return false;
    }

    /// <summary>Makes the timetable of a named schedule.</summary>
    /// <exception cref="ArgumentException">The name is unknown or there is none for the size; the message has the mend.</exception>
    public static Timetable Create(string name, PipelineSize size)
        => TryFind(name, out var schedule, out var error) ? schedule.Create(size) : throw new ArgumentException(error);
}
