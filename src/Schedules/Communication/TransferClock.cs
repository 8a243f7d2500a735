using System.Runtime.InteropServices;

namespace Actors.Schedules.Communication;

/// <summary>
/// Finds when each transfer of a timetable happens where both its ranks take part in it at one instant between two computations. A rank
/// starts nothing before its outputs are taken; a rank between two computations takes all that waits for it. A play of this kind never
/// gets stuck: with no rank computing nothing is left to be taken, so each rank that is not through lacks an input that no rank will
/// compute, and such a timetable is refused before. Time is counted in whole units, F, I and W 1, B 2, a pair 3: every computation takes
/// some, so that the instants of one gap never reach into the next.
/// </summary>
internal sealed class TransferClock
{
    private readonly Timetable _timetable;
    private readonly int[][] _starts;
    private readonly int[][] _ends;
    private readonly int[] _next;
    private readonly bool[] _isComputing;
    private readonly int[] _untaken;
    private readonly List<int>[] _offered;
    private readonly bool[] _isThere;
    private readonly int[] _transferOf;
    private readonly List<TimedTransfer> _transfers = [];
    private readonly PriorityQueue<int, long> _computing = new();
    private readonly List<int> _mayTake = [];
    private readonly List<int> _mayStart = [];

    private TransferClock(Timetable timetable)
    {
        _timetable = timetable;
        _starts = new int[timetable.Ranks][];
        _ends = new int[timetable.Ranks][];
        _next = new int[timetable.Ranks];
        _isComputing = new bool[timetable.Ranks];
        _untaken = new int[timetable.Ranks];
        _offered = new List<int>[timetable.Ranks];
        _isThere = new bool[2 * timetable.Stages * timetable.MicroBatches];
        _transferOf = new int[_isThere.Length];
        Array.Fill(_transferOf, -1);
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            _starts[rank] = new int[timetable.ActionsOf(rank).Length];
            _ends[rank] = new int[timetable.ActionsOf(rank).Length];
            _offered[rank] = [];
        }
    }

    /// <summary>The transfers of a right timetable without communication, in the order in which their data were computed.</summary>
    public static ReadOnlySpan<TimedTransfer> Run(Timetable timetable)
    {
        var clock = new TransferClock(timetable);
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            clock.StartIfReady(rank, 0);
        }

        while (clock._computing.TryPeek(out _, out var first))
        {
            clock.PlayInstant((int)(first / timetable.Ranks));
        }

        clock.Postpone();
        return CollectionsMarshal.AsSpan(clock._transfers);
    }

    private static int DurationOf(ActionKind kind) => kind switch
    {
        ActionKind.Backward => 2,
        ActionKind.Pair => 3,
        _ => 1,
    };

    private void PlayInstant(int time)
    {
        _mayTake.Clear();
        _mayStart.Clear();
        while (_computing.TryPeek(out var rank, out var key) && key / _timetable.Ranks == time)
        {
            _computing.Dequeue();
            Finish(rank, time);
        }

        foreach (var rank in _mayTake)
        {
            if (!_isComputing[rank])
            {
                Take(rank, time);
            }
        }

        foreach (var rank in _mayStart)
        {
            StartIfReady(rank, time);
        }
    }

    private void Finish(int rank, int time)
    {
        var position = _next[rank]++;
        _ends[rank][position] = time;
        _isComputing[rank] = false;
        _mayTake.Add(rank);
        var action = _timetable.ActionsOf(rank)[position];
        if (action.IsPair)
        {
            Offer(action.ForwardPart, rank);
            Offer(action.BackwardPart, rank);
        }
        else
        {
            Offer(action, rank);
        }
    }

    private void Offer(in StageAction computation, int rank)
    {
        if (Transfer.OfResult(computation) is not { } transfer || !transfer.IsWithin(_timetable.Stages))
        {
            return;
        }

        var slot = transfer.SlotOf(_timetable.MicroBatches);
        var receiver = transfer.ReceiverIn(_timetable.Placement);
        if (receiver == rank)
        {
            _isThere[slot] = true;
            return;
        }

        _transferOf[slot] = _transfers.Count;
        _offered[receiver].Add(_transfers.Count);
        _untaken[rank]++;
        _mayTake.Add(receiver);
        _transfers.Add(new TimedTransfer { Transfer = transfer, Sender = rank, Receiver = receiver, SenderGap = _next[rank] });
    }

    private void Take(int rank, int time)
    {
        foreach (var number in _offered[rank])
        {
            ref var taken = ref CollectionsMarshal.AsSpan(_transfers)[number];
            taken.Time = time;
            taken.ReceiverGap = _next[rank];
            _isThere[taken.Transfer.SlotOf(_timetable.MicroBatches)] = true;
            _untaken[taken.Sender]--;
            _mayStart.Add(taken.Sender);
        }

        _offered[rank].Clear();
        _mayStart.Add(rank);
    }

    private void StartIfReady(int rank, int time)
    {
        var actions = _timetable.ActionsOf(rank);
        var position = _next[rank];
        if (_isComputing[rank] || _untaken[rank] > 0 || position == actions.Length || !HasInputs(actions[position], position))
        {
            return;
        }

        _starts[rank][position] = time;
        _isComputing[rank] = true;
        _computing.Enqueue(rank, (long)(time + DurationOf(actions[position].Kind)) * _timetable.Ranks + rank);
    }

    private bool HasInputs(in StageAction action, int position)
        => action.IsPair
            ? HasInputs(action.ForwardPart, position) && HasInputs(action.BackwardPart, position)
            : Transfer.OfInput(action) is not { } input || !input.IsWithin(_timetable.Stages) || HasInput(input, position);

    private bool HasInput(in Transfer input, int position)
    {
        var slot = input.SlotOf(_timetable.MicroBatches);
        if (_isThere[slot] && _transferOf[slot] >= 0)
        {
            CollectionsMarshal.AsSpan(_transfers)[_transferOf[slot]].ConsumerPosition = position;
        }

        return _isThere[slot];
    }

    // A receive moves behind further computations of its rank as long as they end before the sender would go on: the sender stands in its
    // gap until then anyway, so no computation of either rank moves.
    private void Postpone()
    {
        foreach (ref var transfer in CollectionsMarshal.AsSpan(_transfers))
        {
            var senderStarts = _starts[transfer.Sender];
            var senderGoesOn = transfer.SenderGap < senderStarts.Length ? senderStarts[transfer.SenderGap] : int.MaxValue;
            var receiverEnds = _ends[transfer.Receiver];
            while (transfer.ReceiverGap < transfer.ConsumerPosition && receiverEnds[transfer.ReceiverGap] <= senderGoesOn)
            {
                transfer.Time = receiverEnds[transfer.ReceiverGap++];
            }
        }
    }
}
