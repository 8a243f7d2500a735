using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Training;

/// <summary>A block's values with both moments of its optimizer.</summary>
/// <param name="Block">The values.</param>
/// <param name="First">First moment, of the same shape.</param>
/// <param name="Second">Second moment, of the same shape.</param>
public sealed record TrainedBlock(ParameterBlock Block, Tensor First, Tensor Second)
{
    /// <summary>A block and its moments in <paramref name="optimizer"/>.</summary>
    public static TrainedBlock Of(AdamWOptimizer optimizer, ParameterBlock block)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return new TrainedBlock(block, optimizer.FirstMoment[block], optimizer.SecondMoment[block]);
    }
}
