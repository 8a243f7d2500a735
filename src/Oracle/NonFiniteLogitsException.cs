namespace Actors.Oracle;

/// <summary>Logits are not finite, so they say nothing about the next token.</summary>
/// <param name="sequence">Number of the sequence, from 0.</param>
/// <param name="position">Position in it, from 0.</param>
/// <param name="part">The first part of the model whose output has such a value, such as <c>layer 3</c>.</param>
public sealed class NonFiniteLogitsException(int sequence, int position, string part)
    : Exception(
        $"sequence {sequence}, position {position}: the logits are not finite, first seen in the output of {part}: the model's values are damaged or "
        + "too large for float32");
