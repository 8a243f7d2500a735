using System.Collections.Immutable;
using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// The rank's part of the optimizer (ZeRO-1): it owns some of the blocks that it holds. For each it sums the gradients of all
/// ranks that hold the block, in rank order, where its own lie, keeps both moments, and updates the values, which ranks of one
/// process share.
/// </summary>
internal sealed class RankOptimizer : IDisposable
{
    private readonly IReadOnlyList<OwnedBlock> _blocks;
    private readonly ITensorLink _link;
    private readonly IReadOnlyList<(int Layer, ParameterBlock Bias)> _biases;
    private readonly GradientNorm _norm;
    private readonly int[] _rows;
    private readonly Tensor[] _parts;

    /// <summary>Allocates moments for the owned blocks.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="link">Sums gradients of several ranks.</param>
    /// <param name="blocks">The owned blocks, in model order.</param>
    /// <param name="biases">Correction biases that the rank owns, by layer of the model.</param>
    public RankOptimizer(IBackend backend, ITensorLink link, IReadOnlyList<OwnedBlock> blocks, IReadOnlyList<(int Layer, ParameterBlock Bias)> biases)
    {
        _blocks = blocks;
        _link = link;
        _biases = biases;
        ParameterBlock[] owned = [.. blocks.Select(block => block.Block)];
        _norm = new GradientNorm(backend, owned);
        AdamW = new AdamWOptimizer(backend, owned);
        int holders = blocks.Count == 0 ? 0 : blocks.Max(block => block.Holders.Count);
        _rows = new int[holders];
        _parts = new Tensor[holders];
    }

    /// <summary>The moments of the owned blocks.</summary>
    public AdamWOptimizer AdamW { get; }

    /// <summary>The owned blocks, in model order.</summary>
    public IReadOnlyList<OwnedBlock> Blocks => _blocks;

    /// <summary>Sums every owned block's gradients over the ranks that hold it, in rank order, and their squares.</summary>
    public void Reduce(IStream stream)
    {
        for (int place = 0; place < _blocks.Count; place++)
        {
            Sum(stream, _blocks[place]);
            _norm.Add(stream, place, _blocks[place].Reduced);
        }

        _norm.End(stream);
    }

    /// <summary>Sums a block over the holders that have something of it, in place where that is its owner alone.</summary>
    private void Sum(IStream stream, OwnedBlock owned)
    {
        int count = 0;
        for (int i = 0; i < owned.Holders.Count; i++)
        {
            if (owned.Holders[i].Has(owned.Block))
            {
                _parts[count++] = Flat(owned.Holders[i][owned.Block]);
            }
        }

        if (count == 0)
        {
            stream.Zero(owned.Reduced);
        }
        else if (count > 1 || !owned.Own.Has(owned.Block))
        {
            _link.Sum(_parts.AsSpan(0, count), _rows.AsSpan(0, count), Flat(owned.Reduced));
        }
    }

    /// <summary>Sums of squares of the owned blocks, once <see cref="Reduce"/> has run.</summary>
    public ImmutableArray<BlockSquares> Squares()
    {
        var squares = ImmutableArray.CreateBuilder<BlockSquares>(_blocks.Count);
        for (int i = 0; i < _blocks.Count; i++)
        {
            squares.Add(new BlockSquares(_blocks[i].Number, _norm.Sums[i]));
        }

        return squares.MoveToImmutable();
    }

    /// <summary>Updates the owned blocks and correction biases.</summary>
    public void Apply(IStream stream, ApplyUpdate update)
    {
        foreach (OwnedBlock owned in _blocks)
        {
            AdamW.Step(stream, owned.Block, owned.Reduced, update.Numbers);
        }

        if (update.BiasUpdateSpeed == 0)
        {
            return;
        }

        foreach ((int layer, ParameterBlock bias) in _biases)
        {
            foreach (LayerLoad load in update.Load)
            {
                if (load.Layer == layer)
                {
                    CorrectionBias.Update(bias.Values.AsSpan<float>(), load.Counts.AsSpan(), update.BiasUpdateSpeed);
                }
            }
        }
    }

    public void Dispose()
    {
        _norm.Dispose();
        AdamW.Dispose();
        _link.Dispose();
    }

    private static Tensor Flat(Tensor tensor) => tensor.Reshape(1, checked((int)tensor.Count));
}

/// <summary>A block that a rank owns.</summary>
/// <param name="Number">Number of the block in the model.</param>
/// <param name="Block">The values.</param>
/// <param name="Holders">Gradients of every rank that holds it, in rank order.</param>
/// <param name="Own">Those of its owner.</param>
internal sealed record OwnedBlock(int Number, ParameterBlock Block, IReadOnlyList<GradientSet> Holders, GradientSet Own)
{
    /// <summary>The owner's gradient of the block; from a reduction to the next step the sum of all holders'.</summary>
    public Tensor Reduced => Own[Block];
}
