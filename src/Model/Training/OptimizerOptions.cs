using Actors.Tensors.Operations;

namespace Actors.Model.Training;

/// <summary>Numbers of AdamW and clipping; the defaults are DeepSeek-V3's (technical report, section 4.2).</summary>
public sealed record OptimizerOptions
{
    /// <summary>Learning rate by step.</summary>
    public required LearningRateSchedule LearningRate { get; init; }

    /// <summary>Decay of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Added to the root of the second moment.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay, on every parameter.</summary>
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>Largest norm of all gradients together; larger ones are scaled down to it.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Speed γ of the correction bias; 0 leaves it alone.</summary>
    public double BiasUpdateSpeed { get; init; }

    /// <summary>The numbers of step <paramref name="step"/> (from 1) for gradients of this norm.</summary>
    public AdamWStep StepFor(int step, double gradientNorm) => new(
        (float)LearningRate.At(step),
        (float)Beta1,
        (float)Beta2,
        (float)Epsilon,
        (float)WeightDecay,
        step,
        (float)GradientNorm.ClipCoefficient(gradientNorm, ClipNorm));
}
