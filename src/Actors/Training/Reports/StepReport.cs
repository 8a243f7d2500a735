namespace Actors.Runtime.Training.Reports;

/// <summary>What a training step did.</summary>
/// <param name="Step">Number of the step, from 1.</param>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="Loss">Mean over the step's tokens, nats a token.</param>
/// <param name="PredictionLosses">The same of each multi-token-prediction module, over its targets.</param>
/// <param name="Balance">The balance loss, see <see cref="Model.Training.BalanceLoss"/>; 0 where there is none.</param>
/// <param name="LearningRate">Rate of the step.</param>
/// <param name="GradientNorm">Global L2 norm before clipping.</param>
/// <param name="TokensPerSecond">Tokens of the step by its duration.</param>
/// <param name="BubbleFraction">Share of the ranks' time in which they waited for the pipeline, 0 to 1.</param>
/// <param name="ExposedCommunicationFraction">Share of the ranks' time in which they waited for rows that all ranks had begun to send, 0 to 1.</param>
/// <param name="SkewFraction">Share of it in which they waited for rows that a rank had not yet begun to send, 0 to 1.</param>
/// <param name="HiddenCommunicationFraction">
/// Share of the communication that overlapped pairs began, or all where the schedule has none, that lay under computation of the
/// same rank, 0 to 1; null where nothing was under way.
/// </param>
/// <param name="DeviceIdleFraction">Share of the ranks' time in which their GPU had nothing of theirs to run, 0 to 1; null where it was not measured.</param>
/// <param name="ExpertLoad">Choices that fell on each routed expert, summed over layers and ranks: [experts].</param>
/// <param name="Layers">How evenly the experts of each layer were loaded.</param>
/// <param name="MaxNodesOfToken">Most nodes that a token reached in a layer; 0: not measured.</param>
/// <param name="MeanNodesOfToken">Nodes that a token reached in a layer, the mean.</param>
public sealed record StepReport(
    int Step,
    int Steps,
    double Loss,
    IReadOnlyList<double> PredictionLosses,
    double Balance,
    double LearningRate,
    double GradientNorm,
    double TokensPerSecond,
    double BubbleFraction,
    double ExposedCommunicationFraction,
    double SkewFraction,
    double? HiddenCommunicationFraction,
    double? DeviceIdleFraction,
    IReadOnlyList<long> ExpertLoad,
    IReadOnlyList<LayerBalance> Layers,
    int MaxNodesOfToken,
    double MeanNodesOfToken);
