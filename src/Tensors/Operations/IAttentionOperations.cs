namespace Actors.Tensors.Operations;

/// <summary>Sizes of multi-head latent attention's heads.</summary>
/// <param name="Heads">Number of heads.</param>
/// <param name="NopeColumns">Elements of a query or key head without position.</param>
/// <param name="RopeColumns">Elements of a query or key head with rotary position, shared by all heads in the key.</param>
/// <param name="ValueColumns">Elements of a value head.</param>
/// <param name="Scale">Factor of a score before the softmax.</param>
public readonly record struct AttentionShape(int Heads, int NopeColumns, int RopeColumns, int ValueColumns, float Scale)
{
    /// <summary>Elements of a query head: without position first, then with it.</summary>
    public int QueryColumns => NopeColumns + RopeColumns;

    /// <summary>Elements of a head's expanded key and value: the key without position first, then the value.</summary>
    public int KeyValueColumns => NopeColumns + ValueColumns;
}

/// <summary>Rotary embedding and causal multi-head latent attention, float32.</summary>
public interface IAttentionOperations
{
    /// <summary>
    /// Rotates, in place, the last <c>2 · cos.Columns</c> elements of each head: interleaved pairs (2i, 2i+1) by the angle
    /// whose cosine and sine are (position, i) of the tables; the pair keeps its places.
    /// </summary>
    /// <param name="x">(rows, heads · head columns), rotated in place.</param>
    /// <param name="heads">Number of heads in a row.</param>
    /// <param name="positions">Int32 (1, rows): row of the tables.</param>
    /// <param name="cos">(positions, rope / 2).</param>
    /// <param name="sin">(positions, rope / 2).</param>
    /// <param name="inverse">Rotates back, which is the gradient.</param>
    void Rope(Tensor x, int heads, Tensor positions, Tensor cos, Tensor sin, bool inverse);

    /// <summary>
    /// Causal attention inside each sequence: row i of a sequence sees its rows 0..i.
    /// Score = (q_nope · k_nope + q_rope · k_rope) · scale, output = softmax · value.
    /// </summary>
    /// <param name="q">(rows, heads · QueryColumns), rotated.</param>
    /// <param name="kv">(rows, heads · KeyValueColumns).</param>
    /// <param name="kRope">(rows, RopeColumns), rotated.</param>
    /// <param name="sequences">Int32 (1, sequences + 1): first row of each, then the number of rows.</param>
    /// <param name="shape">Head sizes.</param>
    /// <param name="o">Output (rows, heads · ValueColumns).</param>
    /// <param name="logSumExp">Output (rows, heads): of the scaled scores, for the backward; absent when none follows.</param>
    void Attention(Tensor q, Tensor kv, Tensor kRope, Tensor sequences, AttentionShape shape, Tensor o, Tensor logSumExp);

    /// <summary>Gradients of <see cref="Attention"/>; the probabilities are computed again from <paramref name="logSumExp"/>.</summary>
    /// <param name="dO">(rows, heads · ValueColumns).</param>
    /// <param name="q">As in the forward.</param>
    /// <param name="kv">As in the forward.</param>
    /// <param name="kRope">As in the forward.</param>
    /// <param name="o">Saved output.</param>
    /// <param name="logSumExp">Saved (rows, heads).</param>
    /// <param name="sequences">As in the forward.</param>
    /// <param name="shape">Head sizes.</param>
    /// <param name="dq">Output, shape of q.</param>
    /// <param name="dkv">Output, shape of kv.</param>
    /// <param name="dkRope">Output, shape of kRope: summed over heads in order.</param>
    void AttentionBackward(
        Tensor dO, Tensor q, Tensor kv, Tensor kRope, Tensor o, Tensor logSumExp, Tensor sequences, AttentionShape shape,
        Tensor dq, Tensor dkv, Tensor dkRope);

    /// <summary>
    /// One query row for each running sequence over its compressed cache, with the key and value expansions absorbed:
    /// q_nope is multiplied into the latent space, the probabilities average latents, and the average is expanded to values.
    /// Row b reads cache rows firstRows[b] .. firstRows[b] + lengths[b] − 1.
    /// </summary>
    /// <param name="q">(batch, heads · QueryColumns), rotated.</param>
    /// <param name="keyValueUp">Weight of kv_b_proj: (heads · KeyValueColumns, latent).</param>
    /// <param name="cache">(cache rows, latent + RopeColumns): normalized latent, then rotated shared key.</param>
    /// <param name="firstRows">Int32 (1, batch).</param>
    /// <param name="lengths">Int32 (1, batch), the new row included.</param>
    /// <param name="shape">Head sizes.</param>
    /// <param name="o">Output (batch, heads · ValueColumns).</param>
    void LatentAttention(
        Tensor q, Weight keyValueUp, Tensor cache, Tensor firstRows, Tensor lengths, AttentionShape shape, Tensor o);
}
