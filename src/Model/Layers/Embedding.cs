using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>Token ids to hidden rows.</summary>
public sealed class Embedding
{
    private readonly ParameterBlock _table;

    /// <summary>Makes the component of a part that has the embedding.</summary>
    public Embedding(ModelWeights weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _table = weights.Embedding ?? throw new ArgumentException("This part of the model has no embedding.", nameof(weights));
    }

    /// <summary>output[t] = table[ids[t]].</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="ids">Int32 (1, tokens).</param>
    /// <param name="output">Output (tokens, H).</param>
    public void Forward(IStream stream, Tensor ids, Tensor output)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Embed(ids, _table.Values, output);
    }

    /// <summary>Adds the rows' gradients to the table's, tokens in order.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="ids">As in the forward.</param>
    /// <param name="outputGradient">(tokens, H).</param>
    /// <param name="gradients">Added to.</param>
    public void BackwardWeights(IStream stream, Tensor ids, Tensor outputGradient, GradientSet gradients)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(gradients);
        gradients.AddEmbedding(stream, _table, ids, outputGradient);
    }
}
