using Actors.Tensors;

namespace Actors.Model.Inference;

/// <summary>
/// The compressed cache of consecutive layers: for each token of each running sequence its normalized latent, then its
/// rotated shared key. A sequence occupies a slot: consecutive rows, the same ones in every layer.
/// </summary>
public sealed class LatentCache : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor[] _layers;

    /// <summary>Allocates the slots.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="layers">Layers of the part of the model that uses it.</param>
    /// <param name="slots">Sequences that may run at once.</param>
    /// <param name="slotTokens">Tokens of the longest sequence.</param>
    public LatentCache(IBackend backend, ModelConfig config, int layers, int slots, int slotTokens)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(slotTokens, 1);
        Slots = slots;
        SlotTokens = slotTokens;
        var plan = new Layers.TensorPlan();
        for (int layer = 0; layer < layers; layer++)
        {
            plan.Add(checked(slots * slotTokens), config.KeyValueRank + config.RopeHeadSize, backend.Precision.Rows);
        }

        _arena = plan.Allocate(backend);
        _layers = new Tensor[layers];
        for (int layer = 0; layer < layers; layer++)
        {
            _layers[layer] = plan.Next();
        }
    }

    /// <summary>Sequences that may run at once.</summary>
    public int Slots { get; }

    /// <summary>Tokens of the longest sequence.</summary>
    public int SlotTokens { get; }

    /// <summary>The rows of a layer (slots · slot tokens, latent + rope).</summary>
    /// <param name="index">Position of the layer in its part.</param>
    public Tensor this[int index] => _layers[index];

    /// <summary>First row of a slot.</summary>
    public int FirstRow(int slot) =>
        (uint)slot < (uint)Slots
            ? slot * SlotTokens
            : throw new ArgumentOutOfRangeException(nameof(slot), slot, $"The cache has {Slots} slots.");

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();
}
