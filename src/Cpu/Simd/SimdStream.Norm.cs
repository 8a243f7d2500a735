using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Simd;

/// <summary>RMSNorm.</summary>
internal sealed unsafe partial class SimdStream
{
    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd)
    {
        ShapeChecks.Host.RmsNorm(x, weight, y, rstd);
        float* factors = Floats(rstd);
        float* xRows = Floats(x);
        float* weightRows = Floats(weight);
        float* yRows = Floats(y);
        for (long row = 0; row < x.Rows; row++)
        {
            float factor = NormKernel.Forward(
                xRows + row * x.RowStride, weightRows, epsilon, yRows + row * y.RowStride, x.Columns);
            if (factors is not null)
            {
                factors[row] = factor;
            }
        }
    }

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor dy, Tensor x, Tensor weight, Tensor rstd, Tensor dx, Tensor dWeight, Tensor addend)
    {
        ShapeChecks.Host.RmsNormBackward(dy, x, weight, rstd, dx, dWeight, addend);
        float* dyRows = Floats(dy);
        float* xRows = Floats(x);
        float* weightRows = Floats(weight);
        float* rstdRows = Floats(rstd);
        float* dxRows = Floats(dx);
        float* weightSums = Floats(dWeight);
        float* addendRows = Floats(addend);
        for (long row = 0; row < x.Rows; row++)
        {
            NormKernel.Backward(
                dyRows + row * dy.RowStride, xRows + row * x.RowStride, weightRows, rstdRows[row],
                dxRows + row * dx.RowStride, weightSums, addend.IsAbsent ? null : addendRows + row * addend.RowStride, x.Columns);
        }
    }
}
