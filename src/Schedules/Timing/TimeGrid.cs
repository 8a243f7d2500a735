using System.Collections.Immutable;
using Actors.Schedules.Communication;

namespace Actors.Schedules.Timing;

/// <summary>
/// A timetable in time slots: every action, whatever its kind, takes one slot, at the earliest that its rank and its inputs allow; a slot
/// in which the rank waits for an input is empty. A row ends with the rank's last action.
/// </summary>
public sealed class TimeGrid
{
    private readonly ImmutableArray<ImmutableArray<StageAction?>> _rows;

    private TimeGrid(ImmutableArray<ImmutableArray<StageAction?>> rows)
    {
        _rows = rows;
        foreach (var row in rows)
        {
            Slots = Math.Max(Slots, row.Length);
        }
    }

    /// <summary>Number of rows.</summary>
    public int Ranks => _rows.Length;

    /// <summary>Length of the longest row.</summary>
    public int Slots { get; }

    /// <summary>A rank's slots, null where it waits.</summary>
    public ImmutableArray<StageAction?> RowOf(int rank) => _rows[rank];

    /// <summary>Lays out a timetable. Linear in actions and waits.</summary>
    /// <exception cref="InvalidOperationException">The timetable deadlocks; <see cref="Checking.TimetableChecker"/> says why.</exception>
    public static TimeGrid Of(Timetable timetable)
    {
        timetable = CommunicationPass.Remove(timetable);
        var playback = Playback.Run(timetable, ActionCosts.Slots);
        playback.ThrowIfBlocked();
        var rows = ImmutableArray.CreateBuilder<ImmutableArray<StageAction?>>(timetable.Ranks);
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            var actions = timetable.ActionsOf(rank);
            var row = new StageAction?[actions.Length == 0 ? 0 : (int)playback.Ends[rank][^1]];
            for (var position = 0; position < actions.Length; position++)
            {
                row[(int)playback.Starts[rank][position]] = actions[position];
            }

            rows.Add([.. row]);
        }

        return new TimeGrid(rows.MoveToImmutable());
    }
}
