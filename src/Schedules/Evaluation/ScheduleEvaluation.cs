using System.Collections.Immutable;
using Actors.Schedules.Formulas;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Evaluation;

/// <summary>What a timetable takes under given costs: its simulated step, its memory, and what the published formulas say of it.</summary>
public sealed record ScheduleEvaluation
{
    private ScheduleEvaluation(SimulatedRun run, ImmutableArray<RankMemory> memory, ScheduleFormula? formula)
    {
        Run = run;
        Memory = memory;
        Formula = formula;
    }

    /// <summary>The timetable.</summary>
    public Timetable Timetable => Run.Timetable;

    /// <summary>The simulated step.</summary>
    public SimulatedRun Run { get; }

    /// <summary>The memory of each rank: [ranks].</summary>
    public ImmutableArray<RankMemory> Memory { get; }

    /// <summary>The schedule's formula; null where none is known.</summary>
    public ScheduleFormula? Formula { get; }

    /// <summary>The most chunks whose activations any rank holds at once.</summary>
    public int PeakChunks => Memory.Max(rank => rank.PeakChunks);

    /// <summary>The most memory that activations take on any rank.</summary>
    public double PeakActivations => Memory.Max(rank => rank.PeakActivations);

    /// <summary>The most stages that any rank holds.</summary>
    public int StagesOfARank => Memory.Max(rank => rank.Stages);

    /// <summary>The most memory that parameters take on any rank.</summary>
    public double Parameters => Memory.Max(rank => rank.Parameters);

    /// <summary>The largest bubble of any rank, in the unit of the costs.</summary>
    public double LargestBubble => Enumerable.Range(0, Timetable.Ranks).Max(Run.BubbleOf);

    /// <summary>The bubble of a rank as the formula has it; null where there is none, or stages differ in cost.</summary>
    public FormulaValue? BubbleByFormula => Formula?.Bubble(PipelineShape.Of(Timetable), Run.Costs);

    /// <summary>The most chunks held by a rank as the formula has it; null where there is none.</summary>
    public FormulaValue? PeakChunksByFormula => Formula?.Activations(PipelineShape.Of(Timetable));

    /// <summary>Simulates a timetable and counts its memory. Linear in actions.</summary>
    /// <param name="timetable">A timetable that the checker finds valid.</param>
    /// <param name="costs">What actions and transfers take.</param>
    /// <param name="memory">What chunks and stages take; null counts them.</param>
    /// <param name="hasFormula">
    /// False for a timetable that is not made by the schedule whose name it bears, so that the schedule's formulas say nothing of it.
    /// </param>
    /// <exception cref="ArgumentException">Costs are those of another number of stages.</exception>
    /// <exception cref="InvalidOperationException">The timetable cannot be played; <see cref="Checking.TimetableChecker"/> says why.</exception>
    public static ScheduleEvaluation Of(Timetable timetable, StepCosts costs, MemoryCosts? memory = null, bool hasFormula = true)
        => new(
            TimetableSimulator.Simulate(timetable, costs),
            TimetableMemory.Of(timetable, memory),
            hasFormula ? ScheduleFormulas.Find(timetable.Schedule) : null);
}
