using System.Collections.Immutable;

namespace Actors.Schedules;

/// <summary>
/// A schedule as data: per rank, the ordered list of actions of one training or evaluation step. It carries no times; a rank plays its
/// list in order and waits where an input is not there yet. Immutable. <see cref="Checking.TimetableChecker"/> proves one.
/// Between ranks data moves by itself, unless the lists name their sends and receives (<see cref="Communication.CommunicationPass"/>).
/// Simulation, time slots, drawings and the stage actors imply communication: there such a timetable counts as the one without them.
/// </summary>
public sealed class Timetable
{
    private readonly ImmutableArray<ImmutableArray<StageAction>> _actions;

    /// <summary>Creates a timetable. Whether the actions make sense is the checker's question, not the constructor's.</summary>
    /// <param name="schedule">Name of the schedule or of the source, for people.</param>
    /// <param name="placement">Which rank holds which stage for which micro-batch.</param>
    /// <param name="actions">Per rank, its actions in order: [ranks][actions].</param>
    /// <param name="forwardOnly">True where no backward is meant to happen (evaluation).</param>
    /// <exception cref="ArgumentException">There are not as many lists as ranks, or a list is not set.</exception>
    public Timetable(string schedule, Placement placement, ImmutableArray<ImmutableArray<StageAction>> actions, bool forwardOnly = false)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(placement);
        if (actions.IsDefault || actions.Length != placement.Ranks)
        {
            var lists = actions.IsDefault ? 0 : actions.Length;
            throw new ArgumentException($"a timetable of {placement.Ranks} ranks needs as many lists of actions, not {lists}");
        }

        Schedule = schedule;
        Placement = placement;
        ForwardOnly = forwardOnly;
        _actions = actions;
        foreach (var list in actions)
        {
            if (list.IsDefault)
            {
                throw new ArgumentException("a timetable's lists of actions must be set; one without actions is empty");
            }

            ActionCount += list.Length;
            foreach (ref readonly var action in list.AsSpan())
            {
                HasCommunication |= action.IsCommunication;
            }
        }
    }

    /// <summary>Name of the schedule, such as <c>dualpipe</c>.</summary>
    public string Schedule { get; }

    /// <summary>Which rank holds which stage for which micro-batch.</summary>
    public Placement Placement { get; }

    /// <summary>True where no backward is meant to happen.</summary>
    public bool ForwardOnly { get; }

    /// <summary>Number of ranks.</summary>
    public int Ranks => Placement.Ranks;

    /// <summary>Number of stages that a micro-batch passes.</summary>
    public int Stages => Placement.Stages;

    /// <summary>Number of micro-batches of the step, over all directions.</summary>
    public int MicroBatches => Placement.MicroBatches;

    /// <summary>Number of actions over all ranks; a pair counts once, and so does each send and each receive.</summary>
    public int ActionCount { get; }

    /// <summary>Whether any list has a send or a receive. All transfers are named then, and none is implied.</summary>
    public bool HasCommunication { get; }

    /// <summary>The actions of a rank, in the order in which it plays them.</summary>
    public ImmutableArray<StageAction> ActionsOf(int rank) => _actions[rank];

    /// <summary>Whether both have the same placement and the same actions in the same order; names may differ.</summary>
    public bool HasSameActionsAs(Timetable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (ForwardOnly != other.ForwardOnly || !Placement.Equals(other.Placement))
        {
            return false;
        }

        for (var rank = 0; rank < Ranks; rank++)
        {
            if (!_actions[rank].AsSpan().SequenceEqual(other._actions[rank].AsSpan()))
            {
                return false;
            }
        }

        return true;
    }
}
