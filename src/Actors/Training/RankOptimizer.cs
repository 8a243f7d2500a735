using System.Collections.Immutable;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Pipeline;
using Actors.Tensors;

namespace Actors.Runtime.Training;

/// <summary>
/// The rank's part of the optimizer (ZeRO-1): it owns some of the blocks that it holds. For each it keeps both moments, the squares of its
/// summed gradient, and updates the values, which ranks of one domain share.
/// </summary>
internal sealed class RankOptimizer : IDisposable
{
    private readonly IReadOnlyList<(int Layer, ParameterBlock Bias)> _biases;
    private readonly CorrectionBias? _update;
    private readonly GradientNorm _norm;

    /// <summary>Allocates moments for the owned blocks.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="blocks">The owned blocks, in model order.</param>
    /// <param name="biases">Correction biases that the rank updates for its domain, by layer of the model.</param>
    /// <param name="moments">How moments are stored: Float32 or BFloat16.</param>
    public RankOptimizer(IBackend backend, IReadOnlyList<OwnedBlock> blocks, IReadOnlyList<(int Layer, ParameterBlock Bias)> biases, ElementType moments)
    {
        Blocks = blocks;
        _biases = biases;
        _update = biases.Count > 0 ? new CorrectionBias(backend, biases[0].Bias.Values.Columns) : null;
        ParameterBlock[] owned = [.. blocks.Select(block => block.Block)];
        _norm = new GradientNorm(backend, owned);
        AdamW = new AdamWOptimizer(backend, owned, moments);
    }

    /// <summary>The average of the owned blocks' values; null: none is kept.</summary>
    public RankAverage? Average { get; init; }

    /// <summary>The moments of the owned blocks.</summary>
    public AdamWOptimizer AdamW { get; }

    /// <summary>The owned blocks, in model order.</summary>
    public IReadOnlyList<OwnedBlock> Blocks { get; }

    /// <summary>Squares the summed gradient of an owned block.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="place">Place among <see cref="Blocks"/>.</param>
    public void AddSquares(IStream stream, int place) => _norm.Add(stream, place, Blocks[place].Reduced);

    /// <summary>All squares have been enqueued.</summary>
    public void EndSquares(IStream stream) => _norm.End(stream);

    /// <summary>Sums of squares of the owned blocks, once the stream has run.</summary>
    public ImmutableArray<BlockSquares> Squares()
    {
        var squares = ImmutableArray.CreateBuilder<BlockSquares>(Blocks.Count);
        for (int i = 0; i < Blocks.Count; i++)
        {
            squares.Add(new BlockSquares(Blocks[i].Number, _norm.Sums[i]));
        }

        return squares.MoveToImmutable();
    }

    /// <summary>Updates the owned blocks, and the correction biases of the rank's domain.</summary>
    public void Apply(IStream stream, ApplyUpdate update)
    {
        Average?.BeforeUpdate(stream);
        foreach (OwnedBlock owned in Blocks)
        {
            AdamW.Step(stream, owned.Block, owned.Reduced, update.Numbers);
        }

        Average?.AfterUpdate(stream, update.Step.Step);
        if (update.BiasUpdateSpeed == 0)
        {
            return;
        }

        foreach ((int layer, ParameterBlock bias) in _biases)
        {
            foreach (LayerLoad load in update.Step.Load)
            {
                if (load.Layer == layer)
                {
                    _update!.Update(stream, bias.Values, load.Counts.AsSpan(), update.BiasUpdateSpeed);
                }
            }
        }
    }

    public void Dispose()
    {
        _update?.Dispose();
        _norm.Dispose();
        AdamW.Dispose();
    }
}

/// <summary>A block that a rank owns.</summary>
/// <param name="Number">Number of the block in the model.</param>
/// <param name="Block">The values.</param>
/// <param name="Own">The owner's gradients.</param>
internal sealed record OwnedBlock(int Number, ParameterBlock Block, GradientSet Own)
{
    /// <summary>The owner's gradient of the block; from a reduction to the next step the sum of all holders'.</summary>
    public Tensor Reduced => Own[Block];
}
