using Actors.Model.Parameters;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Model.Training;

/// <summary>AdamW over the blocks of a part, with both moments in float32 or bfloat16.</summary>
public sealed class AdamWOptimizer : IDisposable
{
    /// <summary>Allocates the moments; they are zero after <see cref="Reset"/> or when loaded.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="blocks">The blocks to update; untrained ones are left out.</param>
    /// <param name="moments">How moments are stored: Float32 or BFloat16.</param>
    public AdamWOptimizer(IBackend backend, IEnumerable<ParameterBlock> blocks, ElementType moments = ElementType.Float32)
    {
        ParameterBlock[] all = [.. blocks];
        FirstMoment = new GradientSet(backend, all, moments);
        SecondMoment = new GradientSet(backend, all, moments);
    }

    /// <summary>First moments.</summary>
    public GradientSet FirstMoment { get; }

    /// <summary>Second moments.</summary>
    public GradientSet SecondMoment { get; }

    /// <summary>Sets both moments to zero.</summary>
    public void Reset(IStream stream)
    {
        FirstMoment.Clear(stream);
        SecondMoment.Clear(stream);
    }

    /// <summary>Updates every block's values and prepares its weight.</summary>
    public void Step(IStream stream, GradientSet gradients, AdamWStep step)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(gradients);
        foreach (ParameterBlock block in FirstMoment.Blocks)
        {
            Step(stream, block, gradients[block], step);
        }
    }

    /// <summary>Updates one block's values and prepares its weight.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="block">The block.</param>
    /// <param name="gradient">Its gradient, with the shape of its values.</param>
    /// <param name="step">Numbers of the step.</param>
    public void Step(IStream stream, ParameterBlock block, Tensor gradient, AdamWStep step)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(block);
        if (block.HasWeight)
        {
            stream.AdamW(block.Weight, gradient, FirstMoment[block], SecondMoment[block], step);
            block.Quantize(stream);
        }
        else
        {
            stream.AdamW(block.Values, gradient, FirstMoment[block], SecondMoment[block], step);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoment.Dispose();
        SecondMoment.Dispose();
    }
}
