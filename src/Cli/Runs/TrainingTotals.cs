using Actors.Runtime.Pipeline;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Reports;
using Actors.Runtime.Training.Results;

namespace Actors.Cli.Runs;

/// <summary>Adds up what the steps of a run took, for its report.</summary>
internal sealed class TrainingTotals(TimeProvider time)
{
    private RankTimes _times;
    private double _seconds;

    /// <summary>Loss of the last step.</summary>
    public double Loss { get; private set; }

    /// <summary>Tokens of all steps.</summary>
    public long Tokens { get; private set; }

    /// <summary>Time of all steps; checkpoints and the held-out loss are not training.</summary>
    public TimeSpan Elapsed => TimeSpan.FromSeconds(_seconds);

    /// <summary>Takes a step and makes its report.</summary>
    public StepReport Add(StepCompleted step, int steps)
    {
        RankTimes t = step.Times;
        _times += t;
        Loss = step.Loss;
        Tokens += step.Tokens;
        _seconds += step.Seconds;
        double total = Math.Max(1, t.Total);
        return new StepReport(
            step.Step, steps, step.Loss, step.PredictionLosses, step.Balance, step.LearningRate, step.GradientNorm, step.Tokens / step.Seconds, t.Bubble / total,
            t.ExposedCommunication / total, t.Skew / total, t.PairCommunication.HiddenShare ?? t.Communication.HiddenShare, t.DeviceIdleShare, LoadOf(step),
            LayerBalance.Of(step.Load), step.MaxNodesOfToken, step.MeanNodesOfToken);
    }

    /// <summary>Share of the ranks' time in which their GPU had nothing to run; null where it was not measured.</summary>
    public double? DeviceIdle => _times.DeviceIdleShare;

    /// <summary>
    /// Where the ranks' time went, the largest first. Where GPUs were measured the parts of computing are when they ran, and all others are when they had nothing to run.
    /// </summary>
    /// <param name="ranks">Ranks of the run: where they share cores, waiting for a rank is mostly waiting for a core, and is called so.</param>
    public IReadOnlyList<TimeShare> Shares(int ranks)
    {
        int cores = Environment.ProcessorCount;
        string skew = ranks > cores ? $"waiting for other ranks ({ranks} share {cores} cores)" : "waiting for other ranks";
        long rest = _times.Total - _times.Compute - _times.Experts - _times.ExposedCommunication - _times.Skew - _times.Bubble;
        return
        [
            .. new[]
            {
                Share("attention, dense, head", _times.Compute),
                Share("routed experts", _times.Experts),
                Share("exposed communication", _times.ExposedCommunication),
                Share(skew, _times.Skew),
                Share("bubble", _times.Bubble),
                Share(_times.Device > 0 ? "GPU idle, nothing enqueued" : "messages and scheduling", rest),
            }.OrderByDescending(share => share.Duration),
        ];
    }

    /// <summary>What crossed each hop of a run.</summary>
    public static IReadOnlyList<HopTraffic> Traffic(RankTraffic moved)
    {
        return
        [
            Hop("between nodes", moved.Slow),
            Hop("inside nodes", moved.Fast),
            .. moved.Frames.Messages == 0 ? (HopTraffic[])[] : [Hop("pipeline, gradients, values", moved.Frames)],
        ];

        static HopTraffic Hop(string name, RowTraffic rows) => new(name, rows.Rows, rows.Bytes, rows.Messages);
    }

    private TimeShare Share(string name, long ticks) => new(name, time.GetElapsedTime(0, ticks));

    private static long[] LoadOf(StepCompleted step)
    {
        long[] load = step.Load.Length > 0 ? new long[step.Load[0].Counts.Length] : [];
        foreach (LayerLoad layer in step.Load)
        {
            for (int expert = 0; expert < load.Length; expert++)
            {
                load[expert] += layer.Counts[expert];
            }
        }

        return load;
    }
}
