namespace Actors.Tensors.Operations;

/// <summary>Drawing of tokens.</summary>
public interface ISamplingOperations
{
    /// <summary>
    /// tokens[r] = the next token of the sequence in slot slots[r], drawn as <see cref="TokenDraw"/> says, whose random numbers go on. A row with a logit that is
    /// not finite, or with slot −1, gets −1, and draws nothing. No slot stands twice.
    /// </summary>
    /// <param name="logits">Float32 (rows, vocabulary).</param>
    /// <param name="slots">Int32 (1, rows).</param>
    /// <param name="draws">Int32 (slots, <see cref="TokenDraw.Elements"/>), contiguous: a <see cref="TokenDraw"/> each.</param>
    /// <param name="tokens">Output Int32 (1, rows).</param>
    void DrawTokens(Tensor logits, Tensor slots, Tensor draws, Tensor tokens);
}
