using Actors.Tensors;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu.Rounded;

/// <summary>
/// Operations of float32 on rows of bfloat16: inputs are widened, outputs rounded once. A part of the class a family of operations. Those that only move rows,
/// or sum them in float32 by themselves, take rows as they are.
/// </summary>
internal sealed partial class RoundedStream : HostStream, IStream
{
    private readonly IStream _float32;
    private readonly WidenedRows _rows;

    /// <summary>Makes a stream.</summary>
    /// <param name="name">For messages and traces.</param>
    /// <param name="float32">Computes; this stream's to free.</param>
    /// <param name="backend">Of that stream.</param>
    public RoundedStream(string name, IStream float32, IBackend backend)
        : base(name) => (_float32, _rows) = (float32, new WidenedRows(backend));

    private static ShapeChecks Checks => ShapeChecks.RoundingHost;

    /// <inheritdoc/>
    public void Notify(IStreamCompletion completion) => _float32.Notify(completion);

    /// <summary>Nothing is fetched ahead: what operations read is made by them.</summary>
    public void Expect(Tensor tensor)
    {
    }

    /// <inheritdoc cref="Expect"/>
    public void ExpectLinear(Weight weight)
    {
    }

    /// <inheritdoc cref="Expect"/>
    public void ExpectLinearBackwardInput(Weight weight)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _float32.Dispose();
        _rows.Dispose();
    }

    private static RoundedWeight Own(Weight weight)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return weight as RoundedWeight
            ?? throw new ArgumentException($"The weight is a {weight.GetType().Name} of another backend; create it with this one.", nameof(weight));
    }
}
