namespace Actors.Tensors.Operations;

/// <summary>How a gate chooses experts (DeepSeek-V3 technical report, section 2.1.2).</summary>
/// <param name="Groups">Number of equal, contiguous expert groups.</param>
/// <param name="GroupsKept">Groups that a token may use.</param>
/// <param name="ExpertsKept">Experts chosen for a token.</param>
/// <param name="Normalize">Divide the chosen scores by their sum + 1e-20.</param>
/// <param name="Scaling">Factor of the weights.</param>
public readonly record struct GateShape(int Groups, int GroupsKept, int ExpertsKept, bool Normalize, float Scaling);

/// <summary>Gate and row permutation, float32 with Int32 indices.</summary>
public interface IRoutingOperations
{
    /// <summary>
    /// s = sigmoid(logits); c = s + bias. A group's score is the sum of its two largest c, or its only c; the best groups are kept, the
    /// experts of all others excluded, and the experts of largest c chosen. Ties: lowest index wins. Weights are the chosen s,
    /// normalized and scaled as <paramref name="shape"/> says. Choices are written by falling c. Where a token's logit or c is not
    /// finite, all its weights are NaN, so that it is noticed although other experts may be chosen.
    /// </summary>
    /// <param name="logits">(tokens, experts).</param>
    /// <param name="bias">Correction bias (1, experts); only chooses.</param>
    /// <param name="shape">The rule's sizes.</param>
    /// <param name="scores">Output (tokens, experts): s; may be <paramref name="logits"/>.</param>
    /// <param name="experts">Output Int32 (tokens, ExpertsKept).</param>
    /// <param name="weights">Output (tokens, ExpertsKept).</param>
    void ChooseExperts(Tensor logits, Tensor bias, GateShape shape, Tensor scores, Tensor experts, Tensor weights);

    /// <summary>Takes the choices of tokens back: where <paramref name="kept"/> is negative, a token's experts become −1 and their weights 0.</summary>
    /// <param name="kept">Int32 (1, tokens).</param>
    /// <param name="experts">Int32 (tokens, K).</param>
    /// <param name="weights">(tokens, K).</param>
    void DropChoices(Tensor kept, Tensor experts, Tensor weights);

    /// <summary>Gradient of the gate's logits from that of the weights; zero where an expert was not chosen, and so for a token whose choices were dropped.</summary>
    /// <param name="dWeights">(tokens, ExpertsKept); where a choice was dropped, anything.</param>
    /// <param name="experts">Saved Int32 (tokens, ExpertsKept); −1 throughout a token whose choices were dropped.</param>
    /// <param name="scores">Saved (tokens, experts).</param>
    /// <param name="shape">The rule's sizes.</param>
    /// <param name="dLogits">Output (tokens, experts).</param>
    void ChooseExpertsBackward(Tensor dWeights, Tensor experts, Tensor scores, GateShape shape, Tensor dLogits);

    /// <summary>
    /// The complementary sequence-wise balance loss of a gate and its gradient (DeepSeek-V3 technical report, equations 17 to 20). Of a sequence's T tokens whose
    /// choices were not dropped, c_i have expert i among the K of largest score, without bias and groups, of equals the lowest: f_i = E · c_i / (K · T), a constant
    /// to the gradient. s'_ti = s_ti / (Σ_j s_tj + 1e-20), P_i = Σ_t s'_ti / T, and the loss is Σ_i f_i P_i, 0 of a sequence without such tokens. It is summed
    /// token by token, each token's part over experts first, in an order that depends on the token's place in its sequence alone.
    /// </summary>
    /// <param name="scores">Saved (tokens, E).</param>
    /// <param name="experts">Saved Int32 (tokens, K); −1 throughout a token whose choices were dropped, which has no part in the loss and no gradient.</param>
    /// <param name="sequences">Int32 (1, sequences + 1): first row of each sequence, then the number of rows.</param>
    /// <param name="scale">Factor of the gradient, not of the losses.</param>
    /// <param name="losses">Output (1, sequences).</param>
    /// <param name="dLogits">(tokens, E): scale times the gradient of the losses by the gate's logits is added to it.</param>
    void BalanceLoss(Tensor scores, Tensor experts, Tensor sequences, float scale, Tensor losses, Tensor dLogits);

    /// <summary>
    /// Sorts received rows by local expert: rows of one expert in the received order, experts one after the other. Of received rows beyond those that are live no
    /// choice is local.
    /// </summary>
    /// <param name="experts">Int32 (received, K): local expert of each choice, −1 where it is another rank's. No expert twice in a row.</param>
    /// <param name="order">Output; it says which. There are as many local experts as its offsets have room for.</param>
    /// <param name="live">Received rows that are there, see <see cref="LiveRows"/>.</param>
    /// <param name="needed">
    /// Int32 (1, 1): at least what it was, and how many choices are local. With it, those that have no room are left out, as if they were not local.
    /// </param>
    void SortByExpert(Tensor experts, ExpertOrder order, Tensor live = default, Tensor needed = default);

    /// <summary>counts[e] += how often e was chosen; −1 counts nothing.</summary>
    /// <param name="experts">Int32 (tokens, K).</param>
    /// <param name="counts">Int32 (1, experts), added to.</param>
    void CountExperts(Tensor experts, Tensor counts);

    /// <summary>y[r] = x[rows[r]]; a row number of −1 gives a row of zeros. Any element type.</summary>
    /// <param name="x">(any, columns).</param>
    /// <param name="rows">Int32 (1, y.Rows).</param>
    /// <param name="y">(rows, columns).</param>
    /// <param name="live">Rows of y that are there, see <see cref="LiveRows"/>.</param>
    void GatherRows(Tensor x, Tensor rows, Tensor y, Tensor live = default);

    /// <summary>y[rows[r]] = x[r]; a row number of −1 puts none, and none stands twice. Other rows stay as they are. Any element type.</summary>
    /// <param name="x">(rows, columns).</param>
    /// <param name="rows">Int32 (1, x.Rows).</param>
    /// <param name="y">(any, columns).</param>
    void PutRows(Tensor x, Tensor rows, Tensor y);

    /// <summary>
    /// y[t] = Σ over k in order of weights[t, k] · x[rows[t, k]] (weights 1 where absent), in float32 from zero with fused
    /// multiply-add; a row number of −1 adds nothing.
    /// </summary>
    /// <param name="x">(any, columns).</param>
    /// <param name="rows">Int32 (tokens, K).</param>
    /// <param name="weights">(tokens, K) or absent.</param>
    /// <param name="y">(tokens, columns).</param>
    /// <param name="live">Tokens that are there, see <see cref="LiveRows"/>.</param>
    void SumRows(Tensor x, Tensor rows, Tensor weights, Tensor y, Tensor live = default);
}
