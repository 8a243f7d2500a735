using System.Collections.Immutable;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Formulas;

/// <summary>
/// The closed forms of the schedules, by name. Where each is exact, and on which side it lies elsewhere, was found by simulating all
/// integer costs from 1 to 4 over many sizes; tests repeat that on every schedule of the catalogue.
/// </summary>
public static class ScheduleFormulas
{
    private const string AnyCosts = "exact for any costs";

    private const string DualPipeSource = "deepseek-ai/DualPipe, README, table of bubbles and memory; DeepSeek-V3 technical report, table 2";

    private const string DualPipeHolds =
        "exact where I = F, W <= F and a pair takes F + B; an upper bound where I is no shorter than F and W; else approximate";

    /// <summary>All that are known.</summary>
    public static ImmutableArray<ScheduleFormula> All { get; } =
    [
        new(Flush, AllMicroBatches, OneStage)
        {
            Schedule = "gpipe",
            BubbleText = "(N-1)(F+B)",
            BubbleHolds = AnyCosts,
            ActivationsText = "M",
            ParametersText = "1",
            Source = "Huang et al. 2019, GPipe (arXiv 1811.06965), section 2.3",
        },
        new(Flush, shape => Exact(Math.Min(shape.Ranks, shape.MicroBatches)), OneStage)
        {
            Schedule = "1f1b",
            BubbleText = "(N-1)(F+B)",
            BubbleHolds = AnyCosts,
            ActivationsText = "min(N, M)",
            ParametersText = "1",
            Source = "Narayanan et al. 2021, Megatron-LM (arXiv 2104.04473), section 2.2.1",
        },
        new(InterleavedFlush, shape => InRounds(shape, 2 * shape.Ranks - 1), StagesPerRank)
        {
            Schedule = "interleaved-1f1b",
            BubbleText = "(N-1 + (v-1)max(0, N-M))(F+B)",
            BubbleHolds = AnyCosts,
            ActivationsText = "(v-1)(M / rounds) + 2N-1, rounds = max(1, floor(M/N)); vN + N-1 where N divides M",
            ParametersText = "v",
            Source = "Narayanan et al. 2021, Megatron-LM (arXiv 2104.04473), section 2.2.2; activations: Korthikanti et al. 2022 "
                + "(arXiv 2205.05198), section 4.2.3; where N does not divide M counted",
        },
        new(ZeroBubbleH1, shape => Exact(Math.Min(shape.Ranks, shape.MicroBatches)), OneStage)
        {
            Schedule = "zb1p",
            BubbleText = "(N-1)(F+B-2W) with B = I+W",
            BubbleHolds = "exact where W is no longer than F and I, and M >= N; else a lower bound",
            ActivationsText = "min(N, M)",
            ParametersText = "1",
            Source = "Qi et al. 2023, Zero Bubble (arXiv 2401.10241), table 2, ZB-H1: (p-1)(T_F + T_B - T_W) with T_B our I",
        },
        new(ZeroBubbleH1, shape => InRounds(shape, shape.Ranks), StagesPerRank)
        {
            Schedule = "interleaved-zero-bubble",
            BubbleText = "(N-1)(F+B-2W) with B = I+W",
            BubbleHolds = "exact where W is no longer than F and I, and M >= N; else a lower bound",
            ActivationsText = "(v-1)(M / rounds) + N, rounds = max(1, floor(M/N)); vN where N divides M",
            ParametersText = "v",
            Source = "none published: the form of ZB-H1 (arXiv 2401.10241, table 2) in chunks, which simulation meets",
        },
        new(ZeroBubbleV, shape => Exact(2 * Math.Min(shape.Ranks, shape.MicroBatches)), StagesPerRank)
        {
            Schedule = "zbv",
            BubbleText = "(N-1)F",
            BubbleHolds = "exact where I = F, F/2 <= W <= F and M >= 2N-1; else a lower bound",
            ActivationsText = "2 min(N, M)",
            ParametersText = "2",
            Source = "Qi et al. 2023, Zero Bubble (arXiv 2401.10241), section 6, ZB-V: no bubble from a rank's first action to its last, "
                + "p M_B of activations; a step also has the last rank's wait for its first input",
        },
        new((shape, costs) => DualPipe(shape.Ranks / 2, costs), shape => Exact(shape.Ranks + 1), TwoStages)
        {
            Schedule = "dualpipe",
            BubbleText = "(N/2-1)(F&B+B-3W)",
            BubbleHolds = DualPipeHolds,
            ActivationsText = "N+1",
            ParametersText = "2",
            Source = DualPipeSource,
        },
        new((shape, costs) => DualPipe(shape.Ranks, costs), shape => Exact(Math.Min(2 * shape.Ranks + 1, 2 * shape.MicroBatches)), TwoStages)
        {
            Schedule = "dualpipev",
            BubbleText = "(N-1)(F&B+B-3W)",
            BubbleHolds = DualPipeHolds,
            ActivationsText = "min(2N+1, 2M)",
            ParametersText = "2",
            Source = DualPipeSource + ", with PP = 2N stages on N ranks",
        },
        new(Chimera, shape => Exact(Math.Min(shape.Ranks, shape.MicroBatches)), TwoStages)
        {
            Schedule = "chimera",
            BubbleText = "(N-2)(max(F,B) + (M/N-1)|B-F|)",
            BubbleHolds = "exact for any costs where N divides M; a lower bound for fewer micro-batches than ranks",
            ActivationsText = "min(N, M)",
            ParametersText = "2",
            Source = "Li and Hoefler 2021, Chimera (arXiv 2107.06925), table 2: ratio (D-2)/(2N+D-2), which is (N-2)F where F = B, "
                + "and activations of N/2+1 to N chunks; for other costs found by simulation",
        },
    ];

    /// <summary>The formula of a schedule by name, ignoring case; null where none is known.</summary>
    public static ScheduleFormula? Find(string schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        foreach (var formula in All)
        {
            if (string.Equals(formula.Schedule, schedule, StringComparison.OrdinalIgnoreCase))
            {
                return formula;
            }
        }

        return null;
    }

    private static FormulaValue Exact(double value) => new(value, FormulaAccuracy.Exact);

    private static FormulaValue Either(double value, bool isExact, FormulaAccuracy elsewhere)
        => new(value, isExact ? FormulaAccuracy.Exact : elsewhere);

    private static int OneStage(PipelineShape shape) => 1;

    // Of two directions on the same ranks, or the two stages of a V.
    private static int TwoStages(PipelineShape shape) => Math.Min(2, shape.Stages);

    private static int StagesPerRank(PipelineShape shape) => shape.StagesPerRank;

    private static FormulaValue AllMicroBatches(PipelineShape shape) => Exact(shape.MicroBatches);

    // The micro-batches go through a rank's stages in rounds of this many; the first round of each stage but the last waits for its backward.
    private static FormulaValue InRounds(PipelineShape shape, int ofLastStage)
    {
        var rounds = Math.Max(1, shape.MicroBatches / shape.Ranks);
        var held = (shape.StagesPerRank - 1) * (shape.MicroBatches / rounds) + ofLastStage;
        return Exact(Math.Min(held, shape.MicroBatches * shape.StagesPerRank));
    }

    private static FormulaValue Flush(PipelineShape shape, StageCosts costs) => Exact((shape.Ranks - 1) * (costs.Forward + costs.Backward));

    // With fewer micro-batches than ranks, every stage of a rank but one leaves the rest of its round empty.
    private static FormulaValue InterleavedFlush(PipelineShape shape, StageCosts costs)
    {
        var empty = (shape.StagesPerRank - 1) * Math.Max(0, shape.Ranks - shape.MicroBatches);
        return Exact((shape.Ranks - 1 + empty) * (costs.Forward + costs.Backward));
    }

    private static FormulaValue ZeroBubbleH1(PipelineShape shape, StageCosts costs)
        => Either(
            (shape.Ranks - 1) * (costs.Forward + costs.BackwardInput - costs.BackwardWeights),
            costs.BackwardWeights <= costs.Forward && costs.BackwardWeights <= costs.BackwardInput && shape.MicroBatches >= shape.Ranks,
            FormulaAccuracy.LowerBound);

    private static FormulaValue ZeroBubbleV(PipelineShape shape, StageCosts costs)
        => Either(
            (shape.Ranks - 1) * costs.Forward,
            costs.BackwardInput == costs.Forward && costs.BackwardWeights <= costs.Forward && 2 * costs.BackwardWeights >= costs.Forward
            && shape.MicroBatches >= 2 * shape.Ranks - 1,
            FormulaAccuracy.LowerBound);

    private static FormulaValue DualPipe(int half, StageCosts costs)
    {
        var (forward, input, weights) = (costs.Forward, costs.BackwardInput, costs.BackwardWeights);
        var isSum = costs.Backward == input + weights;
        var isPair = costs.Pair >= Math.Max(forward, costs.Backward) && costs.Pair <= forward + costs.Backward;
        return new FormulaValue(
            (half - 1) * (costs.Pair + costs.Backward - 3 * weights),
            isSum && input == forward && weights <= forward && costs.Pair == forward + costs.Backward ? FormulaAccuracy.Exact
            : isSum && isPair && input >= forward && input >= weights ? FormulaAccuracy.UpperBound
            : FormulaAccuracy.Approximate);
    }

    // A unit of N micro-batches waits for N-2 of the longer action; units fit into each other only where F = B.
    private static FormulaValue Chimera(PipelineShape shape, StageCosts costs)
    {
        var joints = Math.Max(0, shape.MicroBatches / shape.Ranks - 1);
        var (forward, backward) = (costs.Forward, costs.Backward);
        return Either(
            (shape.Ranks - 2) * (Math.Max(forward, backward) + joints * Math.Abs(backward - forward)),
            shape.MicroBatches % shape.Ranks == 0,
            FormulaAccuracy.LowerBound);
    }
}
