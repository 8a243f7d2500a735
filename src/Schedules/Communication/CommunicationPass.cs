using System.Collections.Immutable;
using Actors.Schedules.Checking;

namespace Actors.Schedules.Communication;

/// <summary>
/// Adds the sends and receives between ranks to a timetable of computations, and takes them away. After the F of a stage its output goes
/// to the rank of the next stage of that micro-batch; after an I or a B the gradient goes to the rank of the stage before; after a pair
/// both do. Between stages on one rank nothing is sent.
/// <para>
/// The timetable is played on a clock on which a transfer is one instant for both its ranks, each of them between two computations
/// (<see cref="TransferClock"/>). By time, transfers and computations form one global order, and every rank's list is its part of that
/// order. So the lists can be played over blocking links (a send ends when its receive is reached): whatever comes first in the global
/// order among all that is left is first in the list of each rank that it needs, so some rank can always go on. What blocking links can
/// play, buffered links of any capacity can, and on each link receives come in the order of sends.
/// </para>
/// <para>
/// A send stands between the computation of what it sends and the next one. Its receive stands as late as it can without making the
/// sender wait longer, at the latest before the computation that needs it; where the sender has other work at once, it stands before the
/// first computation that the receiver starts after the data are there. Of transfers at one instant, those needed at once come first.
/// </para>
/// </summary>
public static class CommunicationPass
{
    /// <summary>
    /// Adds all sends and receives; those that are there already are left out first. Linear in actions, but for sorting by time.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The computations break a rule of <see cref="TimetableChecker"/>; the message says which.
    /// </exception>
    public static Timetable Add(Timetable timetable)
    {
        var computations = Remove(timetable);
        if (TimetableChecker.Check(computations).Violations is [var violation, ..])
        {
            throw new ArgumentException($"only a right timetable can get sends and receives, but in this one {violation}");
        }

        var transfers = TransferClock.Run(computations);
        var lists = new RankList[computations.Ranks];
        for (var rank = 0; rank < lists.Length; rank++)
        {
            lists[rank] = new RankList(computations.ActionsOf(rank));
        }

        foreach (var number in OrderByTime(transfers))
        {
            ref readonly var transfer = ref transfers[number];
            lists[transfer.Sender].AddBefore(transfer.SenderGap, transfer.Transfer.Send);
            lists[transfer.Receiver].AddBefore(transfer.ReceiverGap, transfer.Transfer.Receive);
        }

        return WithLists(computations, [.. lists.Select(list => list.ToActions())]);
    }

    /// <summary>Leaves out all sends and receives; the timetable itself where it has none.</summary>
    public static Timetable Remove(Timetable timetable)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        if (!timetable.HasCommunication)
        {
            return timetable;
        }

        var lists = ImmutableArray.CreateBuilder<ImmutableArray<StageAction>>(timetable.Ranks);
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            lists.Add(timetable.ActionsOf(rank).RemoveAll(action => action.IsCommunication));
        }

        return WithLists(timetable, lists.MoveToImmutable());
    }

    private static Timetable WithLists(Timetable timetable, ImmutableArray<ImmutableArray<StageAction>> lists)
        => new(timetable.Schedule, timetable.Placement, lists, timetable.ForwardOnly);

    // At one instant any order would do; what is needed at once goes first, so that nothing less urgent can hold it up.
    private static int[] OrderByTime(ReadOnlySpan<TimedTransfer> transfers)
    {
        var keys = new long[transfers.Length];
        var order = new int[transfers.Length];
        for (var number = 0; number < transfers.Length; number++)
        {
            ref readonly var transfer = ref transfers[number];
            var isNeededAtOnce = transfer.ReceiverGap == transfer.ConsumerPosition;
            keys[number] = (2L * transfer.Time + (isNeededAtOnce ? 0 : 1)) * transfers.Length + number;
            order[number] = number;
        }

        Array.Sort(keys, order);
        return order;
    }

    private sealed class RankList(ImmutableArray<StageAction> computations)
    {
        private readonly ImmutableArray<StageAction>.Builder _actions = ImmutableArray.CreateBuilder<StageAction>(2 * computations.Length);
        private int _copied;

        public void AddBefore(int position, StageAction communication)
        {
            CopyUntil(position);
            _actions.Add(communication);
        }

        public ImmutableArray<StageAction> ToActions()
        {
            CopyUntil(computations.Length);
            return _actions.DrainToImmutable();
        }

        private void CopyUntil(int position)
        {
            while (_copied < position)
            {
                _actions.Add(computations[_copied++]);
            }
        }
    }
}
