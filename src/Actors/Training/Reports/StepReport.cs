namespace Actors.Runtime.Training.Reports;

/// <summary>What a training step did.</summary>
/// <param name="Step">Number of the step, from 1.</param>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="Loss">Mean over the step's tokens, nats a token.</param>
/// <param name="LearningRate">Rate of the step.</param>
/// <param name="GradientNorm">Global L2 norm before clipping.</param>
/// <param name="TokensPerSecond">Tokens of the step by its duration.</param>
/// <param name="BubbleFraction">Share of the ranks' time in which they waited for the pipeline, 0 to 1.</param>
/// <param name="ExposedCommunicationFraction">Share of the ranks' time in which they waited for rows of other ranks, 0 to 1.</param>
/// <param name="ExpertLoad">Choices that fell on each routed expert, summed over layers and ranks: [experts].</param>
public sealed record StepReport(
    int Step,
    int Steps,
    double Loss,
    double LearningRate,
    double GradientNorm,
    double TokensPerSecond,
    double BubbleFraction,
    double ExposedCommunicationFraction,
    IReadOnlyList<long> ExpertLoad);
