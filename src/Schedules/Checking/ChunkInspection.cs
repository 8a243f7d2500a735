using System.Collections.Immutable;

namespace Actors.Schedules.Checking;

/// <summary>Reads the computations rank by rank for all rules that need no playing, and counts activations.</summary>
internal sealed class ChunkInspection(Timetable timetable, ImmutableArray<TimetableViolation>.Builder violations)
{
    private readonly PlaceInspection _places = new(timetable, violations);
    private int _heldActivations;
    private int _peakActivations;

    public ChunkLedger Ledger { get; } = new(timetable.Stages, timetable.MicroBatches);

    public ImmutableArray<int>.Builder PeakActivations { get; } = ImmutableArray.CreateBuilder<int>(timetable.Ranks);

    public void ReadRank(int rank)
    {
        _heldActivations = 0;
        _peakActivations = 0;
        var actions = timetable.ActionsOf(rank).AsSpan();
        for (var position = 0; position < actions.Length; position++)
        {
            ref readonly var action = ref actions[position];
            if (action.IsPair)
            {
                ReadPart(action.ForwardPart, rank, position);
                ReadPart(action.BackwardPart, rank, position);
            }
            else if (!action.IsCommunication)
            {
                ReadPart(action, rank, position);
            }
        }

        PeakActivations.Add(_peakActivations);
    }

    public void FindMissing()
    {
        for (var stage = 0; stage < timetable.Stages; stage++)
        {
            for (var microBatch = 0; microBatch < timetable.MicroBatches; microBatch++)
            {
                FindMissing(stage, microBatch);
            }
        }
    }

    private void ReadPart(StageAction action, int rank, int position)
    {
        CountActivations(action.Kind);
        if (_places.Read(action, rank, position))
        {
            ReadOnce(action, rank, position);
        }
    }

    private void ReadOnce(StageAction action, int rank, int position)
    {
        if (Ledger.Has(action.Kind, action.Stage, action.MicroBatch))
        {
            var (firstRank, firstPosition) = Ledger.PlaceOf(action.Kind, action.Stage, action.MicroBatch);
            Report(ScheduleRule.Once, rank, position, action, $"happens already at rank {firstRank} position {firstPosition}");
            return;
        }

        Ledger.Enter(action, rank, position);
        if (action.Kind != ActionKind.Forward && OtherBackward(action) is { } other)
        {
            Report(ScheduleRule.OneKindOfBackward, rank, position, action, $"comes beside {other}: use one B, or one I and one W");
        }
    }

    private StageAction? OtherBackward(StageAction action)
    {
        var (stage, microBatch) = (action.Stage, action.MicroBatch);
        if (action.Kind != ActionKind.Backward)
        {
            return Ledger.Has(ActionKind.Backward, stage, microBatch) ? StageAction.Backward(stage, microBatch) : null;
        }

        if (Ledger.Has(ActionKind.BackwardInput, stage, microBatch))
        {
            return StageAction.BackwardInput(stage, microBatch);
        }

        return Ledger.Has(ActionKind.BackwardWeights, stage, microBatch) ? StageAction.BackwardWeights(stage, microBatch) : null;
    }

    private void FindMissing(int stage, int microBatch)
    {
        if (!Ledger.Has(ActionKind.Forward, stage, microBatch))
        {
            ReportMissing(StageAction.Forward(stage, microBatch), "is missing");
        }

        if (timetable.ForwardOnly || Ledger.Has(ActionKind.Backward, stage, microBatch))
        {
            return;
        }

        var hasInput = Ledger.Has(ActionKind.BackwardInput, stage, microBatch);
        var hasWeights = Ledger.Has(ActionKind.BackwardWeights, stage, microBatch);
        if (!hasInput && !hasWeights)
        {
            ReportMissing(StageAction.Backward(stage, microBatch), "is missing, and so are I and W in its stead");
        }
        else if (!hasWeights)
        {
            ReportMissing(StageAction.BackwardWeights(stage, microBatch), "is missing after its I");
        }
        else if (!hasInput)
        {
            ReportMissing(StageAction.BackwardInput(stage, microBatch), "is missing before its W");
        }
    }

    private void CountActivations(ActionKind kind)
    {
        _heldActivations += kind switch
        {
            ActionKind.Forward when !timetable.ForwardOnly => 1,
            ActionKind.Backward or ActionKind.BackwardWeights => -1,
            _ => 0,
        };
        _peakActivations = Math.Max(_peakActivations, _heldActivations);
    }

    private void ReportMissing(StageAction action, string message)
        => Report(ScheduleRule.Complete, timetable.Placement.RankOf(action.Stage, action.MicroBatch), -1, action, message);

    private void Report(ScheduleRule rule, int rank, int position, StageAction action, string message)
        => violations.Add(new TimetableViolation(rule, rank, position, action, message));
}
