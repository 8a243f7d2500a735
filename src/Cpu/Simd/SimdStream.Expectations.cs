using Actors.Cpu.Simd.Products;
using Actors.Tensors;

namespace Actors.Cpu.Simd;

/// <summary>Expectations: kept for the calling thread, which runs the operations too.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void Expect(Tensor tensor)
    {
        if (tensor.Count > 0)
        {
            Upcoming.OfThread->Add(Floats(tensor), (nint)(tensor.Rows - 1) * tensor.RowStride + tensor.Columns);
        }
    }

    /// <inheritdoc/>
    public void ExpectLinear(Weight weight)
    {
        SimdWeight own = Own(weight);
        Upcoming.OfThread->Add((float*)own.Forward(0).First, Elements(own));
    }

    /// <inheritdoc/>
    public void ExpectLinearBackwardInput(Weight weight)
    {
        SimdWeight own = Own(weight);
        Upcoming.OfThread->Add((float*)own.Backward(0).First, Elements(own));
    }

    private static nint Elements(Weight weight) => (nint)weight.Outputs * weight.Inputs;
}
