using System.Diagnostics;
using Actors.Cpu;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>A device that has no memory left for one user: a type that stands on the call stack of an allocation.</summary>
internal sealed class ScarceBackend(string user) : IBackend
{
    private readonly CpuBackend _backend = new();

    public string Name => _backend.Name;

    public DeviceBuffer Allocate(long bytes) => new StackTrace().GetFrames().Any(frame => frame.GetMethod()?.DeclaringType?.Name == user)
        ? throw new OutOfMemoryException($"no {bytes} bytes left")
        : _backend.Allocate(bytes);

    public Weight CreateWeight(int groups, int outputs, int inputs) => _backend.CreateWeight(groups, outputs, inputs);

    public IStream CreateStream(string name) => _backend.CreateStream(name);

    public void Dispose() => _backend.Dispose();
}
