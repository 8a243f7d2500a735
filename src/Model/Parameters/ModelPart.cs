using Actors.Model.Placement;

namespace Actors.Model.Parameters;

/// <summary>A part of a model: consecutive layers, with or without embedding and output head, and which experts.</summary>
/// <param name="FirstLayer">First layer.</param>
/// <param name="LayerCount">Number of layers; may be 0.</param>
/// <param name="HasEmbedding">Whether the embedding belongs to it.</param>
/// <param name="HasHead">Whether final norm and output head belong to it.</param>
/// <param name="Experts">Experts of each layer, one block of matrices a range: one range a rank that lives in this process.</param>
public sealed record ModelPart(int FirstLayer, int LayerCount, bool HasEmbedding, bool HasHead, IReadOnlyList<ExpertRange> Experts)
{
    /// <summary>The whole model with its experts in <paramref name="placement"/>'s ranges.</summary>
    public static ModelPart Whole(ModelConfig config, ExpertPlacement placement)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(placement);
        return new ModelPart(0, config.Layers, HasEmbedding: true, HasHead: true, placement.Ranges());
    }
}
