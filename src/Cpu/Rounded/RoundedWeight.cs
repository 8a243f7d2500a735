using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Rounded;

/// <summary>
/// Master values, and the weights of float32 that products read: one of the values rounded to bfloat16, and one of the values as they are for products of
/// float32 rows. Each is made when the first product asks for it, and again whenever the values have changed.
/// </summary>
internal sealed class RoundedWeight : Weight
{
    private readonly IBackend _float32;
    private readonly DeviceBuffer _buffer;
    private readonly Lock _gate = new();
    private Weight? _rounded, _exact;

    /// <summary>Allocates zeros.</summary>
    public RoundedWeight(IBackend float32, int groups, int outputs, int inputs)
        : base(groups, outputs, inputs)
    {
        int rows = checked(groups * outputs);
        _float32 = float32;
        _buffer = float32.Allocate(BytesOf(groups, outputs, inputs));
        Values = new Tensor(_buffer, 0, rows, inputs, inputs, ElementType.Float32);
        for (int row = 0; row < rows; row++)
        {
            Values.RowSpan<float>(row).Clear();
        }
    }

    /// <inheritdoc/>
    public override Tensor Values { get; }

    /// <inheritdoc/>
    public override long HeldBytes
    {
        get
        {
            lock (_gate)
            {
                return _buffer.Bytes + (_rounded?.HeldBytes ?? 0) + (_exact?.HeldBytes ?? 0);
            }
        }
    }

    /// <summary>Bytes of the values.</summary>
    public static long BytesOf(int groups, int outputs, int inputs) => (long)groups * outputs * inputs * sizeof(float);

    /// <summary>The values rounded to bfloat16, for products of such rows.</summary>
    public Weight Rounded(ILinearOperations stream)
    {
        lock (_gate)
        {
            return _rounded ??= Derive(_float32.CreateWeight(Groups, Outputs, Inputs), rounds: true, stream);
        }
    }

    /// <summary>The values as they are, for products of float32 rows.</summary>
    public Weight Exact(ILinearOperations stream)
    {
        lock (_gate)
        {
            return _exact ??= Derive(_float32.CreateWeight(Groups, Outputs, Inputs), rounds: false, stream);
        }
    }

    /// <summary>The values have changed.</summary>
    public void Refresh(ILinearOperations stream)
    {
        lock (_gate)
        {
            if (_rounded is not null)
            {
                Derive(_rounded, rounds: true, stream);
            }

            if (_exact is not null)
            {
                Derive(_exact, rounds: false, stream);
            }
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _rounded?.Dispose();
            _exact?.Dispose();
            _buffer.Dispose();
        }
    }

    private Weight Derive(Weight weight, bool rounds, ILinearOperations stream)
    {
        for (int row = 0; row < Values.Rows; row++)
        {
            ReadOnlySpan<float> values = Values.RowSpan<float>(row);
            if (rounds)
            {
                BFloat16.Round(values, weight.Values.RowSpan<float>(row));
            }
            else
            {
                values.CopyTo(weight.Values.RowSpan<float>(row));
            }
        }

        stream.Prepare(weight);
        return weight;
    }
}
