using Actors.Tensors;

namespace Actors.Cpu.Rounded;

/// <summary>RMSNorm: statistics and weight gradients are float32.</summary>
internal sealed partial class RoundedStream
{
    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor weight, float epsilon, Tensor y, Tensor rstd)
    {
        Checks.RmsNorm(x, weight, y, rstd);
        WidenedRows rows = _rows.Begin();
        _float32.RmsNorm(rows.Read(x), weight, epsilon, rows.Write(y), rstd);
        rows.Store();
    }

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor dy, Tensor x, Tensor weight, Tensor rstd, Tensor dx, Tensor dWeight, Tensor addend = default)
    {
        Checks.RmsNormBackward(dy, x, weight, rstd, dx, dWeight, addend);
        WidenedRows rows = _rows.Begin();
        _float32.RmsNormBackward(rows.Read(dy), rows.Read(x), weight, rstd, rows.Write(dx), dWeight, rows.Read(addend));
        rows.Store();
    }
}
