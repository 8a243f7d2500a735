namespace Actors.Tensors.Operations;

/// <summary>Embedding and cross entropy, float32.</summary>
public interface ILossOperations
{
    /// <summary>y[t] = table[ids[t]].</summary>
    /// <param name="ids">Int32 (1, tokens).</param>
    /// <param name="table">(vocabulary, columns).</param>
    /// <param name="y">(tokens, columns).</param>
    void Embed(Tensor ids, Tensor table, Tensor y);

    /// <summary>dTable[ids[t]] += dy[t], tokens in order.</summary>
    void EmbedBackward(Tensor ids, Tensor dy, Tensor dTable);

    /// <summary>
    /// losses[t] = logsumexp(logits[t]) − logits[t, targets[t]]; dLogits = scale · (softmax − one-hot). A target of −1 gives
    /// loss 0 and gradient 0. With a target, a logit that is not finite, −∞ too, gives a loss of NaN.
    /// </summary>
    /// <param name="logits">(tokens, vocabulary).</param>
    /// <param name="targets">Int32 (1, tokens).</param>
    /// <param name="scale">Factor of the gradient, such as 1 / tokens of the batch.</param>
    /// <param name="losses">Output (1, tokens), nats.</param>
    /// <param name="dLogits">Output (tokens, vocabulary), may be <paramref name="logits"/>; absent when no backward follows.</param>
    void CrossEntropy(Tensor logits, Tensor targets, float scale, Tensor losses, Tensor dLogits);
}
