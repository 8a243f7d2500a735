using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Training;

/// <summary>A block's values with both moments of its optimizer, and their average where one is kept.</summary>
/// <param name="Block">The values.</param>
/// <param name="First">First moment, of the same shape.</param>
/// <param name="Second">Second moment, of the same shape.</param>
public sealed record TrainedBlock(ParameterBlock Block, Tensor First, Tensor Second)
{
    /// <summary>The average of the values, of the same shape; absent where none is kept.</summary>
    public Tensor Average { get; init; }

    /// <summary>A block, its moments in <paramref name="optimizer"/> and its <paramref name="average"/>.</summary>
    public static TrainedBlock Of(AdamWOptimizer optimizer, ParameterBlock block, ParameterAverage? average = null)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        return new TrainedBlock(block, optimizer.FirstMoment[block], optimizer.SecondMoment[block]) { Average = average is null ? default : average[block].Tensor };
    }
}
