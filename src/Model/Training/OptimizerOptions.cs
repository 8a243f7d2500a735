using Actors.Tensors.Operations;

namespace Actors.Model.Training;

/// <summary>Numbers of AdamW and clipping.</summary>
public sealed record OptimizerOptions
{
    /// <summary>Learning rate by step.</summary>
    public required LearningRateSchedule LearningRate { get; init; }

    /// <summary>Decay of the first moment.</summary>
    public required double Beta1 { get; init; }

    /// <summary>Decay of the second moment.</summary>
    public required double Beta2 { get; init; }

    /// <summary>Added to the root of the second moment.</summary>
    public required double Epsilon { get; init; }

    /// <summary>Decoupled weight decay, on every parameter.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Largest norm of all gradients together; larger ones are scaled down to it.</summary>
    public required double ClipNorm { get; init; }

    /// <summary>Speed γ of the correction bias; 0 leaves it alone.</summary>
    public required double BiasUpdateSpeed { get; init; }

    /// <summary>γ from some token on; null: it stays.</summary>
    public LaterValue? LaterBiasUpdateSpeed { get; init; }

    /// <summary>λ: what the losses of multi-token-prediction modules count beside the main one, shared out equally.</summary>
    public required double PredictionWeight { get; init; }

    /// <summary>λ from some token on; null: it stays.</summary>
    public LaterValue? LaterPredictionWeight { get; init; }

    /// <summary>α: what the balance loss counts; 0: there is none.</summary>
    public required double BalanceWeight { get; init; }

    /// <summary>γ of a step.</summary>
    public double BiasUpdateSpeedAt(StepPosition at) => LaterValue.At(at, BiasUpdateSpeed, LaterBiasUpdateSpeed);

    /// <summary>λ of a step.</summary>
    public double PredictionWeightAt(StepPosition at) => LaterValue.At(at, PredictionWeight, LaterPredictionWeight);

    /// <summary>The numbers of a step for gradients of this norm.</summary>
    public AdamWStep StepFor(StepPosition at, double gradientNorm) => new(
        (float)LearningRate.At(at),
        (float)Beta1,
        (float)Beta2,
        (float)Epsilon,
        (float)WeightDecay,
        at.Step,
        (float)GradientNorm.ClipCoefficient(gradientNorm, ClipNorm));
}
