using System.Collections.Immutable;

namespace Actors.Schedules.Generators;

/// <summary>
/// Chimera (Li and Hoefler 2021, "Chimera: Efficiently Training Large-Scale Neural Networks with Bidirectional Pipelines", section 3):
/// two pipelines over the same N ranks, N even. Up to N micro-batches are one unit: half of them go down, from rank 0, where rank r holds
/// stage r, and half go up, from rank N−1, where it holds stage N−1−r; of an odd number one more goes down. Each pipeline is 1F1B laid out
/// in slots of one action, with a micro-batch entering every second slot; as N is even, the slots of one are free in the other. More
/// micro-batches are K units of N, joined by the paper's direct concatenation: a unit starts 2N slots after the one before, whose
/// backwards leave just the slots free that its forwards need. Where F = B the bubble is N−2 actions on every rank, however many units.
/// </summary>
public sealed class Chimera : ISchedule
{
    /// <inheritdoc/>
    public string Name => "chimera";

    /// <inheritdoc/>
    public string Summary => "two directions of 1F1B merged, in units of as many micro-batches as ranks, every stage on two ranks";

    /// <inheritdoc/>
    public string Constraint => "ranks even and >= 2, micro-batches 2 to ranks or a multiple of ranks";

    /// <inheritdoc/>
    public int Directions => 2;

    /// <inheritdoc/>
    public SizeRefusal? Refuse(PipelineSize size)
    {
        var (ranks, microBatches, _) = size;
        if (SizeRules.RefuseOddRanks(this, ranks) is { } refusal)
        {
            return refusal;
        }

        if (microBatches < 2)
        {
            return new(SizePart.MicroBatches, $"{Name} needs at least 2 micro-batches, one in each direction, not {microBatches}: use 2");
        }

        var excess = microBatches % ranks;
        return microBatches > ranks && excess != 0
            ? new(
                SizePart.MicroBatches,
                $"{Name} needs at most {ranks} micro-batches at {ranks} ranks or a multiple of {ranks}, not {microBatches}: "
                + $"use {microBatches - excess} or {(long)microBatches - excess + ranks}")
            : SizeRules.RefuseStagesPerRank(this, size);
    }

    /// <inheritdoc/>
    public Timetable Create(PipelineSize size)
    {
        SizeRules.ThrowIf(Refuse(size));
        var placement = Placement.Mirrored(size.Ranks, size.MicroBatches, unit: Math.Min(size.Ranks, size.MicroBatches));
        return RankPrograms.ToTimetable(this, size, placement, CreateRank);
    }

    private static ImmutableArray<StageAction> CreateRank(int rank, PipelineSize size)
    {
        var perUnit = Math.Min(size.Ranks, size.MicroBatches);
        var unit = new SlottedUnit(perUnit, Slots: 2 * size.Ranks, Count: size.MicroBatches / perUnit);
        var goingUp = unit.MicroBatches / 2;
        var goingDown = unit.MicroBatches - goingUp;
        var mirrored = size.Ranks - 1 - rank;
        return Merge(
            2 * size.MicroBatches,
            Forwards(unit, stage: rank, first: 0, goingDown),
            Backwards(unit, stage: rank, first: 0, goingDown),
            Forwards(unit, stage: mirrored, first: goingDown, goingUp),
            Backwards(unit, stage: mirrored, first: goingDown, goingUp));
    }

    // A micro-batch reaches a stage as many slots after it enters as there are stages before it.
    private static SlottedRun Forwards(SlottedUnit unit, int stage, int first, int count)
        => new(unit, ActionKind.Forward, stage, first, count, firstSlot: stage);

    // Its backward starts in the slot after its last forward, N slots after it enters, and goes back one stage a slot.
    private static SlottedRun Backwards(SlottedUnit unit, int stage, int first, int count)
        => new(unit, ActionKind.Backward, stage, first, count, firstSlot: unit.Slots - 1 - stage);

    private static ImmutableArray<StageAction> Merge(int count, params ReadOnlySpan<SlottedRun> runs)
    {
        var actions = ImmutableArray.CreateBuilder<StageAction>(count);
        while (actions.Count < count)
        {
            var earliest = runs[0];
            foreach (var run in runs[1..])
            {
                earliest = run.Slot < earliest.Slot ? run : earliest;
            }

            actions.Add(earliest.Take());
        }

        return actions.MoveToImmutable();
    }

    private readonly record struct SlottedUnit(int MicroBatches, int Slots, int Count);

    /// <summary>One kind of action at one stage for one direction, unit after unit, each in its slot.</summary>
    private sealed class SlottedRun(SlottedUnit unit, ActionKind kind, int stage, int first, int count, int firstSlot)
    {
        private int _unit;
        private int _inUnit;

        /// <summary>Slot of the next action; beyond all others where there is none.</summary>
        public long Slot => _unit < unit.Count ? ((long)_unit * unit.Slots) + (2L * _inUnit) + firstSlot : long.MaxValue;

        public StageAction Take()
        {
            var microBatch = (_unit * unit.MicroBatches) + first + _inUnit;
            _inUnit++;
            if (_inUnit == count)
            {
                (_unit, _inUnit) = (_unit + 1, 0);
            }

            return kind == ActionKind.Forward ? StageAction.Forward(stage, microBatch) : StageAction.Backward(stage, microBatch);
        }
    }
}
