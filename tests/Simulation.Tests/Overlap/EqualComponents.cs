using Actors.Simulation.Devices;
using Actors.Tensors;

namespace Actors.Simulation.Tests.Overlap;

/// <summary>
/// Costs by which the six computations of a layer in an overlapped pair take equally long: attention and experts, forward, backward for
/// input, backward for weights. The four communications of the layer together take 0.92 times as long, the ratio of DualPipe's published
/// trace, and are equal too. All else costs nothing.
/// </summary>
internal sealed class EqualComponents : ICosts
{
    /// <summary>Ticks of one computation.</summary>
    public const long Unit = 10_000;

    /// <summary>Communication to computation in the published trace.</summary>
    public const double Ratio = 0.92;

    public const int Computations = 6;

    private const int Communications = 4;

    /// <summary>Products of a layer's experts in one direction: gate with up, and down.</summary>
    private const int ExpertProducts = 2;

    /// <summary>Weights of a layer's attention: gate, output, query up, key and value up, down.</summary>
    private const int AttentionWeights = 5;

    public long Of(Operation operation, Tensor result) => operation switch
    {
        Operation.Attention or Operation.AttentionBackward => Unit,
        Operation.GroupedLinear or Operation.GroupedLinearBackwardInput or Operation.GroupedLinearBackwardWeight => Unit / ExpertProducts,
        Operation.LinearBackwardWeight when result.Rows != Models.Vocabulary => Unit / AttentionWeights, // not the output head's
        _ => 0,
    };

    public long Of(Movement movement, Tensor destination) => (long)(Ratio * Computations * Unit / Communications);
}
