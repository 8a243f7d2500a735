namespace Actors.Oracle;

/// <summary>What an evaluation of sequences gives, in their order; of a prediction module k at the places whose token k further lies in the sequence.</summary>
/// <param name="LogitsOf">Of the main model, then of each module k: (sequences, length − k, vocabulary).</param>
/// <param name="Losses">Mean cross entropy in nats of predicting each next token, then of each module's predictions.</param>
/// <param name="Experts">For each layer, those of modules last, the chosen experts (sequences · (length − k), K); empty for a dense layer.</param>
public sealed record Evaluation(IReadOnlyList<float[]> LogitsOf, double[] Losses, IReadOnlyList<int[]> Experts)
{
    /// <summary>(sequences, length, vocabulary) of the main model.</summary>
    public float[] Logits => LogitsOf[0];

    /// <summary>Mean cross entropy of predicting each next token, in nats.</summary>
    public double Loss => Losses[0];
}
