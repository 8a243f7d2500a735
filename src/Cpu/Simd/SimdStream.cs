using Actors.Tensors;

namespace Actors.Cpu.Simd;

/// <summary>Runs each operation at once in the caller's thread. A part of the class a family of operations.</summary>
internal sealed unsafe partial class SimdStream : HostStream, IStream
{
    private readonly string _device;

    public SimdStream(string name, string device)
        : base(name) => _device = device;

    /// <inheritdoc/>
    public void Notify(IStreamCompletion completion)
    {
        ArgumentNullException.ThrowIfNull(completion);
        Products.Upcoming.OfThread->Clear();
        completion.Completed(null);
    }

    /// <summary>Nothing to free: scratch memory belongs to threads.</summary>
    public void Dispose()
    {
    }

    private float* Reserve(long floats) => Scratch.Reserve(floats, _device);

    private static float* Floats(Tensor tensor) => tensor.IsAbsent ? null : (float*)tensor.Pointer;

    private static int* Ints(Tensor tensor) => tensor.IsAbsent ? null : (int*)tensor.Pointer;
}
