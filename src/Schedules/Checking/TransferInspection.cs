using System.Collections.Immutable;
using Actors.Schedules.Communication;

namespace Actors.Schedules.Checking;

/// <summary>Checks the sends and receives of a timetable that names them: first each by itself, then how they play together.</summary>
internal sealed class TransferInspection
{
    private readonly Timetable _timetable;
    private readonly ChunkLedger _ledger;
    private readonly ImmutableArray<TimetableViolation>.Builder _violations;
    private readonly PlaceInspection _places;
    private readonly int[] _sentAt;
    private readonly int[] _receivedAt;

    private TransferInspection(Timetable timetable, ChunkLedger ledger, ImmutableArray<TimetableViolation>.Builder violations)
    {
        _timetable = timetable;
        _ledger = ledger;
        _violations = violations;
        _places = new PlaceInspection(timetable, violations);
        _sentAt = new int[2 * timetable.Stages * timetable.MicroBatches];
        _receivedAt = new int[_sentAt.Length];
        Array.Fill(_sentAt, -1);
        Array.Fill(_receivedAt, -1);
    }

    public static void Add(
        Timetable timetable, ChunkLedger ledger, int linkCapacity, ImmutableArray<TimetableViolation>.Builder violations)
    {
        var inspection = new TransferInspection(timetable, ledger, violations);
        var links = new LinkTable(timetable.Ranks);
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            inspection.ReadRank(rank);
        }

        inspection.ReadTransfers();
        for (var rank = 0; rank < timetable.Ranks; rank++)
        {
            inspection.Connect(rank, links);
        }

        inspection.CompareOrders(links);
        LinkPlay.Run(links, linkCapacity).Report(timetable, violations);
    }

    private void ReadRank(int rank)
    {
        var actions = _timetable.ActionsOf(rank).AsSpan();
        for (var position = 0; position < actions.Length; position++)
        {
            var action = actions[position];
            if (action.IsCommunication && _places.Read(action, rank, position)
                && _timetable.Placement.RankOf(action.Stage, action.MicroBatch) == rank)
            {
                Read(action, rank, position);
            }
        }
    }

    private void Read(StageAction action, int rank, int position)
    {
        var transfer = Transfer.Of(action);
        if (!transfer.IsWithin(_timetable.Stages))
        {
            Report(ScheduleRule.BetweenRanks, rank, position, action,
                $"has no other side: stages go from 0 to {_timetable.Stages - 1}");
            return;
        }

        if (transfer.SenderIn(_timetable.Placement) == transfer.ReceiverIn(_timetable.Placement))
        {
            Report(ScheduleRule.BetweenRanks, rank, position, action,
                $"stays on rank {rank}, which holds stages {transfer.Stage} and {transfer.ConsumerStage}: leave it out");
            return;
        }

        ref var place = ref PlacesOf(action)[transfer.SlotOf(_timetable.MicroBatches)];
        if (place >= 0)
        {
            Report(ScheduleRule.Once, rank, position, action, $"happens already at rank {rank} position {place}");
            return;
        }

        place = position;
    }

    private int[] PlacesOf(in StageAction action)
        => action.Kind is ActionKind.SendForward or ActionKind.SendBackward ? _sentAt : _receivedAt;

    private void ReadTransfers()
    {
        for (var stage = 0; stage < _timetable.Stages; stage++)
        {
            for (var microBatch = 0; microBatch < _timetable.MicroBatches; microBatch++)
            {
                ReadTransfer(new Transfer(true, stage, microBatch));
                if (!_timetable.ForwardOnly)
                {
                    ReadTransfer(new Transfer(false, stage, microBatch));
                }
            }
        }
    }

    private void ReadTransfer(in Transfer transfer)
    {
        if (!transfer.IsWithin(_timetable.Stages))
        {
            return;
        }

        var (sender, receiver) = (transfer.SenderIn(_timetable.Placement), transfer.ReceiverIn(_timetable.Placement));
        if (sender == receiver)
        {
            return;
        }

        var slot = transfer.SlotOf(_timetable.MicroBatches);
        if (_sentAt[slot] < 0)
        {
            Report(ScheduleRule.Complete, sender, -1, transfer.Send, $"is missing: rank {receiver} needs it");
        }
        else if (PositionOf(transfer.Stage, transfer, sender) is { } produced && produced.Position > _sentAt[slot])
        {
            Report(ScheduleRule.AfterItsInputs, sender, _sentAt[slot], transfer.Send,
                $"needs {produced.Computation}, which comes only at position {produced.Position}");
        }

        if (_receivedAt[slot] < 0)
        {
            Report(ScheduleRule.Complete, receiver, -1, transfer.Receive, $"is missing: it comes from rank {sender}");
        }
        else if (PositionOf(transfer.ConsumerStage, transfer, receiver) is { } consumed && consumed.Position < _receivedAt[slot])
        {
            Report(ScheduleRule.AfterItsInputs, receiver, consumed.Position, _timetable.ActionsOf(receiver)[consumed.Position],
                $"needs {transfer.Receive}, which comes only at position {_receivedAt[slot]}");
        }
    }

    // Where a rank plays the computation of a stage that makes or needs a transfer's data; null where it plays none, which is reported.
    private (StageAction Computation, int Position)? PositionOf(int stage, in Transfer transfer, int rank)
    {
        var computation = transfer.IsForward
            ? StageAction.Forward(stage, transfer.MicroBatch)
            : _ledger.InputGradientOf(stage, transfer.MicroBatch);
        return _ledger.Has(computation.Kind, stage, transfer.MicroBatch)
            && _ledger.PlaceOf(computation.Kind, stage, transfer.MicroBatch) is var place && place.Rank == rank
                ? (computation, place.Position)
                : null;
    }

    // Sends and receives without their other half are reported already; the rest is played without them, to find what else is wrong.
    private void Connect(int rank, LinkTable links)
    {
        var actions = _timetable.ActionsOf(rank).AsSpan();
        for (var position = 0; position < actions.Length; position++)
        {
            if (!actions[position].IsCommunication)
            {
                continue;
            }

            var transfer = Transfer.Of(actions[position]);
            if (!transfer.IsWithin(_timetable.Stages) || transfer.MicroBatch >= _timetable.MicroBatches)
            {
                continue;
            }

            var slot = transfer.SlotOf(_timetable.MicroBatches);
            var places = PlacesOf(actions[position]);
            if (_sentAt[slot] >= 0 && _receivedAt[slot] >= 0 && places[slot] == position
                && _timetable.Placement.RankOf(actions[position].Stage, transfer.MicroBatch) == rank)
            {
                var (sender, receiver) = (transfer.SenderIn(_timetable.Placement), transfer.ReceiverIn(_timetable.Placement));
                links.Add(rank, sender, receiver, new LinkStep(position, slot, places == _sentAt));
            }
        }
    }

    // Over a link things arrive in the order in which they were sent, whatever the timing: its n-th receive gets what its n-th send gave.
    private void CompareOrders(LinkTable links)
    {
        for (var link = 0; link < links.Count; link++)
        {
            var (sent, received) = (links.SentOver(link), links.ReceivedOver(link));
            for (var number = 0; number < sent.Count; number++)
            {
                if (sent[number].Slot != received[number].Slot)
                {
                    var (sender, receiver) = links.EndsOf(link);
                    var (from, to) = (sent[number].Position, received[number].Position);
                    Report(ScheduleRule.ReceivedInOrder, receiver, to, _timetable.ActionsOf(receiver)[to],
                        $"gets what {_timetable.ActionsOf(sender)[from]} of rank {sender} position {from} sends: "
                        + "receive in the order of sending");
                    break;
                }
            }
        }
    }

    private void Report(ScheduleRule rule, int rank, int position, StageAction action, string message)
        => _violations.Add(new TimetableViolation(rule, rank, position, action, message));
}
