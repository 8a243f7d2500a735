using System.Runtime.Intrinsics;
using Actors.Cpu.Simd;
using Actors.Tensors;

namespace Actors.Cpu;

/// <summary>
/// The default backend: float32 on the machine's widest portable vectors. Operations run in the caller's thread before the call
/// returns; several streams, one to a thread, use several cores. Every result has the same bits whatever the vectors' width.
/// </summary>
public sealed class CpuBackend : IBackend
{
    /// <inheritdoc/>
    public string Name { get; } =
        Vector512.IsHardwareAccelerated ? "cpu (512-bit vectors)"
        : Vector256.IsHardwareAccelerated ? "cpu (256-bit vectors)"
        : "cpu (128-bit vectors)";

    /// <inheritdoc/>
    public bool RunsAtOnce => true;

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long bytes) => new HostBuffer(bytes, Name);

    /// <inheritdoc/>
    public DeviceBuffer AllocateHost(long bytes) => Allocate(bytes);

    /// <inheritdoc/>
    public DeviceBuffer ImportHost(DeviceBuffer memory) => new BorrowedBuffer(memory);

    /// <inheritdoc/>
    public Weight CreateWeight(int groups, int outputs, int inputs) => new SimdWeight(Name, groups, outputs, inputs);

    /// <inheritdoc/>
    public long WeightBytes(int groups, int outputs, int inputs, bool trains) => SimdWeight.BytesOf(groups, outputs, inputs, trains);

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
    public IStream CreateStream(string name, bool isUrgent = false) => new SimdStream(name, Name);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Buffers, weights and streams belong to who made them.
    }
}
