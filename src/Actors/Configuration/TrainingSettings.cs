using Actors.Model.Training;
using Actors.Tensors;

namespace Actors.Runtime.Configuration;

/// <summary><c>actors.training</c>.</summary>
public sealed record TrainingSettings
{
    internal const string Section = "actors.training";

    /// <summary>Key of <see cref="ExtendsContext"/>.</summary>
    public const string ExtendContextKey = $"{Section}.extend-context";

    private static readonly Precision[] Precisions = [Precision.Float32, Precision.BFloat16, Precision.Fp8];

    /// <summary>Steps to train, counted from the start of the run.</summary>
    public required int Steps { get; init; }

    /// <summary>Sequences of a full step over all data groups.</summary>
    public required int BatchSequences { get; init; }

    /// <summary>Passes of the timetable in a full step, over which gradients accumulate.</summary>
    public required int GradientAccumulation { get; init; }

    /// <summary>How the batch grows; null: every step is full.</summary>
    public required BatchRamp? BatchRamp { get; init; }

    /// <summary>Tokens of a sequence.</summary>
    public required int SequenceLength { get; init; }

    /// <summary>Decides the fresh weights and the batches.</summary>
    public required long Seed { get; init; }

    /// <summary>How rows are stored, in training and where the model serves.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Whether norms and up-projections are computed again in the backward.</summary>
    public required bool Recompute { get; init; }

    /// <summary>Whether options may give a run that goes on another context than its checkpoint's.</summary>
    public required bool ExtendsContext { get; init; }

    /// <summary>A checkpoint every this many steps; 0: only at the end.</summary>
    public required int CheckpointEverySteps { get; init; }

    /// <summary>Other processes that keep a copy of each process's values and moments: 0 or 1.</summary>
    public required int Replicas { get; init; }

    /// <summary>Whether a cluster's run that has lost processes goes on with fewer ranks where the devices of the others do not suffice.</summary>
    public required bool Elastic { get; init; }

    /// <summary>Batches of an evaluation; 0: all of the held-out text.</summary>
    public required int EvaluationBatches { get; init; }

    /// <summary>γ: the step of the gate's correction bias; 0: it stays.</summary>
    public required double BiasUpdateSpeed { get; init; }

    /// <summary>γ from some token on; null: it stays.</summary>
    public required LaterValue? LaterBiasUpdateSpeed { get; init; }

    /// <summary>λ: what the losses of multi-token-prediction modules count together beside the main loss.</summary>
    public required double PredictionWeight { get; init; }

    /// <summary>λ from some token on; null: it stays.</summary>
    public required LaterValue? LaterPredictionWeight { get; init; }

    /// <summary>α: what the balance loss counts beside the main loss; 0: there is none.</summary>
    public required double BalanceLoss { get; init; }

    /// <summary>The average of the parameters; null: none is kept.</summary>
    public required AverageOptions? Average { get; init; }

    /// <summary>AdamW.</summary>
    public required OptimizerSettings Optimizer { get; init; }

    /// <summary>The learning rate by step.</summary>
    public required LearningRateSettings LearningRate { get; init; }

    /// <summary>Tokens of a full step.</summary>
    public long TokensPerStep => (long)BatchSequences * SequenceLength;

    /// <summary>Sequences of the largest pass.</summary>
    public int PassSequences => BatchSequences / GradientAccumulation;

    /// <summary>Plans sequences and passes of every step.</summary>
    public BatchSchedule PlanBatches() => new(BatchSequences, SequenceLength, GradientAccumulation, BatchRamp);

    internal static TrainingSettings Read(SettingsReader reader)
    {
        int steps = reader.Int($"{Section}.steps");
        int sequences = reader.Int($"{Section}.batch-sequences");
        int accumulation = ReadAccumulation(reader, sequences);
        int length = reader.Int($"{Section}.sequence-length");
        BatchRamp? ramp = BatchRampSettings.Read(reader, sequences, sequences / accumulation);
        return new TrainingSettings
        {
            Steps = steps,
            BatchSequences = sequences,
            GradientAccumulation = accumulation,
            BatchRamp = ramp,
            SequenceLength = length,
            Seed = reader.Long($"{Section}.seed"),
            Precision = PrecisionOf(reader.OneOf($"{Section}.precision", [.. Precisions.Select(precision => precision.Name)])),
            Recompute = reader.Flag($"{Section}.recompute"),
            ExtendsContext = reader.Flag(ExtendContextKey),
            CheckpointEverySteps = reader.Int($"{Section}.checkpoint-every-steps", least: 0),
            Replicas = reader.Int($"{Section}.replicas", least: 0, most: 1),
            Elastic = reader.Flag($"{Section}.elastic"),
            EvaluationBatches = reader.Int($"{Section}.evaluation-batches", least: 0),
            BiasUpdateSpeed = reader.Double($"{Section}.bias-update-speed", 0),
            LaterBiasUpdateSpeed = ReadLater(reader, "bias-update-speed"),
            PredictionWeight = reader.Double($"{Section}.prediction-weight", 0),
            LaterPredictionWeight = ReadLater(reader, "prediction-weight"),
            BalanceLoss = reader.Double($"{Section}.balance-loss", 0),
            Average = ReadAverage(reader),
            Optimizer = OptimizerSettings.Read(reader),
            LearningRate = LearningRateSettings.Read(reader, steps, new BatchSchedule(sequences, length, accumulation, ramp)),
        };
    }

    private static Precision PrecisionOf(string name) => Precisions.First(precision => precision.Name == name);

    private static int ReadAccumulation(SettingsReader reader, int sequences)
    {
        const string Key = $"{Section}.gradient-accumulation";
        int passes = reader.Int(Key);
        return sequences % passes == 0 ? passes
            : throw reader.Broken(Key, $"{passes} passes do not divide the {sequences} sequences of {Section}.batch-sequences; use a divisor");
    }

    private static AverageOptions? ReadAverage(SettingsReader reader)
    {
        const string Key = $"{Section}.average.decay";
        double decay = reader.Double(Key, 0, 1, belowMost: true);
        int every = reader.Int($"{Section}.average.every-steps");
        return decay > 0 ? new AverageOptions(decay, every) : null;
    }

    private static LaterValue? ReadLater(SettingsReader reader, string name)
    {
        long? until = reader.OptionalLong($"{Section}.{name}-until-tokens", least: 0);
        double value = reader.Double($"{Section}.{name}-after", 0);
        return until is { } tokens ? new LaterValue(tokens, value) : null;
    }
}
