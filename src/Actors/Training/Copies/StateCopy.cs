using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Training.Checkpoints;
using Actors.Tensors;

namespace Actors.Runtime.Training.Copies;

/// <summary>
/// A copy of all that one rank's part of a checkpoint is made of: values and moments of the blocks that it owns, and its correction biases. It
/// takes each step's summed gradients, and then makes the update that the owner makes: the same operations on the same numbers. 16 bytes a
/// parameter, the gradient under way among them, 12 with moments of bfloat16; 8 more of the host where an average is kept.
/// </summary>
internal sealed class StateCopy : IDisposable
{
    private readonly Dictionary<int, ParameterBlock> _blocks = [];
    private readonly GradientSet _gradients;
    private readonly RankOptimizer _optimizer;

    /// <summary>Allocates the copy; its moments are zero.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="stream">Clears.</param>
    /// <param name="homes">The blocks that are read from the rank for a checkpoint.</param>
    /// <param name="shapes">The whole model's blocks, without memory.</param>
    /// <param name="moments">How moments are stored: Float32 or BFloat16.</param>
    /// <param name="averages">The average of the values that is kept; null: none.</param>
    /// <param name="name">Whose copy it is, for messages.</param>
    public StateCopy(
        IBackend backend, IStream stream, IEnumerable<BlockHome> homes, ModelWeights shapes, ElementType moments, AverageOptions? averages, string name)
    {
        foreach (BlockHome home in homes)
        {
            _blocks.Add(home.Number, ParameterBlock.Like(backend, shapes.Blocks[home.Number]));
        }

        _gradients = new GradientSet(backend, _blocks.Values);
        Average = averages is null ? null : new RankAverage(backend, _blocks.Values, averages, name);
        _optimizer = new RankOptimizer(
            backend,
            [.. _blocks.Where(entry => entry.Value.IsTrained).Select(entry => new OwnedBlock(entry.Key, entry.Value, _gradients))],
            [.. shapes.Layers.Where(layer => layer.CorrectionBias is not null)
                .Select(layer => (layer.Layer, Bias: _blocks.Values.FirstOrDefault(block => block.Name == layer.CorrectionBias!.Name)))
                .Where(entry => entry.Bias is not null).Select(entry => (entry.Layer, entry.Bias!))],
            moments)
        {
            Average = Average,
        };
        _optimizer.AdamW.Reset(stream);
    }

    /// <summary>The average of the values; null: none is kept.</summary>
    public RankAverage? Average { get; }

    /// <summary>The values.</summary>
    public IReadOnlyCollection<ParameterBlock> Blocks => _blocks.Values;

    /// <summary>The trained blocks with their moments.</summary>
    public IEnumerable<TrainedBlock> Moments => _optimizer.Blocks.Select(owned => MomentsOf(owned.Block));

    /// <summary>The values of a block.</summary>
    public ParameterBlock Block(int number) => _blocks[number];

    /// <summary>A trained block with its moments.</summary>
    public TrainedBlock MomentsOf(ParameterBlock block) => TrainedBlock.Of(_optimizer.AdamW, block, Average?.Values);

    /// <summary>Takes the summed gradient of a block.</summary>
    /// <param name="stream">Copies; <see cref="Apply"/> comes after on the same one.</param>
    /// <param name="number">Number of the block in the model.</param>
    /// <param name="sum">The sum; absent where it is zero.</param>
    public void Take(IStream stream, int number, Tensor sum)
    {
        Tensor gradient = _gradients[_blocks[number]];
        if (sum.IsAbsent)
        {
            stream.Zero(gradient);
        }
        else
        {
            stream.Copy(sum, gradient);
        }
    }

    /// <summary>Makes the update that the owner makes.</summary>
    public void Apply(IStream stream, ApplyUpdate update) => _optimizer.Apply(stream, update);

    public void Dispose()
    {
        Average?.Dispose();
        _optimizer.Dispose();
        _gradients.Dispose();
        foreach (ParameterBlock block in _blocks.Values)
        {
            block.Dispose();
        }
    }
}
