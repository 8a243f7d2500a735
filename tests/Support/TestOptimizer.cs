using Actors.Model.Training;

namespace Actors.Tests.Support;

/// <summary>AdamW with DeepSeek-V3's numbers (technical report, section 4.2) and one learning rate.</summary>
public static class TestOptimizer
{
    public static OptimizerOptions At(double rate) => new()
    {
        LearningRate = LearningRateSchedule.Constant(rate),
        Beta1 = 0.9,
        Beta2 = 0.95,
        Epsilon = 1e-8,
        WeightDecay = 0.1,
        ClipNorm = 1,
        BiasUpdateSpeed = 0,
        PredictionWeight = 0.3,
        BalanceWeight = 0,
    };
}
