using Actors.Schedules.Timing;

namespace Actors.Schedules.Formulas;

/// <summary>
/// The published closed forms of a schedule: the bubble of a rank, the stages and the chunks of activations that it holds. In the texts N
/// is ranks, v stages of a rank, M micro-batches, and F, I, W, B, F&amp;B the costs of a chunk, which is one micro-batch at one stage.
/// They leave communication out; <see cref="BubbleHolds"/> says for which costs and sizes they are exact.
/// </summary>
public sealed class ScheduleFormula
{
    private readonly Func<PipelineShape, StageCosts, FormulaValue> _bubble;
    private readonly Func<PipelineShape, FormulaValue> _activations;
    private readonly Func<PipelineShape, int> _parameters;

    internal ScheduleFormula(
        Func<PipelineShape, StageCosts, FormulaValue> bubble,
        Func<PipelineShape, FormulaValue> activations,
        Func<PipelineShape, int> parameters)
    {
        _bubble = bubble;
        _activations = activations;
        _parameters = parameters;
    }

    /// <summary>Name of the schedule in the catalogue.</summary>
    public required string Schedule { get; init; }

    /// <summary>The bubble as text, such as <c>(N-1)(F+B)</c>.</summary>
    public required string BubbleText { get; init; }

    /// <summary>For which costs and sizes the bubble is exact, and what it is elsewhere: one line.</summary>
    public required string BubbleHolds { get; init; }

    /// <summary>The activations as text, in chunks.</summary>
    public required string ActivationsText { get; init; }

    /// <summary>The parameters as text, in stages.</summary>
    public required string ParametersText { get; init; }

    /// <summary>Where it was published: one line.</summary>
    public required string Source { get; init; }

    /// <summary>The bubble of a rank, in the unit of the costs, where sending takes nothing.</summary>
    public FormulaValue Bubble(PipelineShape shape, StageCosts costs) => _bubble(shape, costs);

    /// <summary>
    /// The bubble of a rank under any costs, null where stages differ in cost: no closed form is published for that. Where sending takes
    /// time an exact value becomes a lower bound, since with the order of actions fixed nothing gets earlier when something takes longer;
    /// an upper bound becomes approximate.
    /// </summary>
    public FormulaValue? Bubble(PipelineShape shape, StepCosts costs)
    {
        ArgumentNullException.ThrowIfNull(costs);
        if (!costs.IsUniform)
        {
            return null;
        }

        var free = _bubble(shape, costs.Stages[0]);
        return costs.IsSendingFree ? free : free with
        {
            Accuracy = free.Accuracy is FormulaAccuracy.Exact or FormulaAccuracy.LowerBound
                ? FormulaAccuracy.LowerBound
                : FormulaAccuracy.Approximate,
        };
    }

    /// <summary>The most chunks that a rank holds activations of, over all ranks.</summary>
    public FormulaValue Activations(PipelineShape shape) => _activations(shape);

    /// <summary>The number of stages whose parameters a rank holds; exact.</summary>
    public int Parameters(PipelineShape shape) => _parameters(shape);
}
