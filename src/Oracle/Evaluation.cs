namespace Actors.Oracle;

/// <summary>What an evaluation of sequences gives, in their order.</summary>
/// <param name="Logits">(sequences, length, vocabulary).</param>
/// <param name="Loss">Mean cross entropy of predicting each next token, in nats.</param>
/// <param name="Experts">For each layer the chosen experts (sequences · length, K); empty for a dense layer.</param>
public sealed record Evaluation(float[] Logits, double Loss, IReadOnlyList<int[]> Experts);
