using Actors.Tensors;

namespace Actors.Cpu.Scalar;

/// <summary>
/// The readable reference: every operation as plain loops, sums accumulated in float64 and rounded once to float32 unless
/// the contract prescribes the rounding. The oracle for all other backends; slow. Everything runs when it is enqueued.
/// </summary>
public sealed class ScalarBackend : IBackend
{
    /// <inheritdoc/>
    public string Name => "cpu (scalar reference)";

    /// <inheritdoc/>
    public bool RunsAtOnce => true;

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long bytes) => new HostBuffer(bytes, Name);

    /// <inheritdoc/>
    public DeviceBuffer AllocateHost(long bytes) => Allocate(bytes);

    /// <inheritdoc/>
    public DeviceBuffer ImportHost(DeviceBuffer memory) => new BorrowedBuffer(memory);

    /// <inheritdoc/>
    public Weight CreateWeight(int groups, int outputs, int inputs) => new ScalarWeight(this, groups, outputs, inputs);

    /// <inheritdoc/>
    public long WeightBytes(int groups, int outputs, int inputs, bool trains) => (long)groups * outputs * inputs * sizeof(float);

    /// <inheritdoc/>
    public Precision Precision => Precision.Float32;

    /// <inheritdoc/>
    public long? FreeBytes => null;

    /// <inheritdoc/>
    public bool OrdersStreams => false;

    /// <inheritdoc/>
    public StreamMark CreateMark(bool isTimed = false) => PassedMark.Instance;

    /// <inheritdoc/>
    public ExchangeFlags CreateFlags(IReadOnlyList<IBackend> devices, int tokens, TimeSpan limit) => HostFlags.Of(devices, tokens, limit);

    /// <inheritdoc/>
    public IStream CreateStream(string name, bool isUrgent = false) => new ScalarStream(name);

    /// <summary>Nothing to free: buffers and weights belong to whoever allocated them.</summary>
    public void Dispose()
    {
    }
}
