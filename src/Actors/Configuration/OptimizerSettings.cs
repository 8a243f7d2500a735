using Actors.Tensors;

namespace Actors.Runtime.Configuration;

/// <summary><c>actors.training.optimizer</c>: AdamW with clipping by the global norm.</summary>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">Decoupled decay of the weights.</param>
/// <param name="ClipNorm">Gradients are scaled down to this global L2 norm.</param>
/// <param name="Moments">How moments are stored: Float32 or BFloat16.</param>
public sealed record OptimizerSettings(double Beta1, double Beta2, double Epsilon, double WeightDecay, double ClipNorm, ElementType Moments)
{
    private const string Section = "actors.training.optimizer", Float32 = "float32", BFloat16 = "bfloat16";

    internal static OptimizerSettings Read(SettingsReader reader) => new(
        reader.Double($"{Section}.beta1", 0, 1, belowMost: true),
        reader.Double($"{Section}.beta2", 0, 1, belowMost: true),
        reader.Double($"{Section}.epsilon", 0, aboveLeast: true),
        reader.Double($"{Section}.weight-decay", 0),
        reader.Double($"{Section}.clip-norm", 0, aboveLeast: true),
        reader.OneOf($"{Section}.moments", Float32, BFloat16) == BFloat16 ? ElementType.BFloat16 : ElementType.Float32);
}
