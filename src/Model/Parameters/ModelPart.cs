using Actors.Model.Placement;

namespace Actors.Model.Parameters;

/// <summary>A part of a model: some of its layers, with or without embedding and output head, and which experts.</summary>
/// <param name="Layers">
/// Numbers of the layers, ascending; may be none. From <see cref="ModelConfig.Layers"/> on they are those of multi-token-prediction modules, which come with
/// their norms and projection, and need embedding and head.
/// </param>
/// <param name="HasEmbedding">Whether the embedding belongs to it.</param>
/// <param name="HasHead">Whether final norm and output head belong to it.</param>
/// <param name="Experts">Experts of each layer, one block of matrices a range: one range a rank that lives in this memory.</param>
public sealed record ModelPart(IReadOnlyList<int> Layers, bool HasEmbedding, bool HasHead, IReadOnlyList<ExpertRange> Experts)
{
    /// <summary>The whole model, modules included, with its experts in <paramref name="placement"/>'s ranges.</summary>
    public static ModelPart Whole(ModelConfig config, ExpertPlacement placement)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(placement);
        return new ModelPart([.. Enumerable.Range(0, config.AllLayers)], HasEmbedding: true, HasHead: true, placement.Ranges());
    }
}
