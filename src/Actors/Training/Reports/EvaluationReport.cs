namespace Actors.Runtime.Training.Reports;

/// <summary>What an evaluation of given tokens found.</summary>
/// <param name="Loss">Mean of the next token's loss, nats a token.</param>
/// <param name="PredictionLosses">The same of each multi-token-prediction module.</param>
/// <param name="Tokens">Tokens that were read, without padding.</param>
/// <param name="Placement">On which ranks it ran, for people, such as <c>PP 2 x EP 4 in 2 nodes</c>.</param>
/// <param name="OutputFile">What was written.</param>
public sealed record EvaluationReport(double Loss, IReadOnlyList<double> PredictionLosses, long Tokens, string Placement, string OutputFile);
