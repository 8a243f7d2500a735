using System.Diagnostics;
using Actors.Cpu;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>A device that has no memory left for some of its users once it is armed.</summary>
/// <param name="users">
/// Types whose allocations fail, with the ones that they are called from: optimised code may hold several of them in one frame.
/// </param>
internal sealed class ScarceBackend(params string[] users) : WrappedBackend(new CpuBackend())
{
    private volatile bool _isArmed;

    public void Arm() => _isArmed = true;

    public override DeviceBuffer Allocate(long bytes) =>
        _isArmed && new StackTrace().ToString() is var callers && users.Any(user => callers.Contains(user, StringComparison.Ordinal))
            ? throw new OutOfMemoryException($"no {bytes} bytes left")
            : base.Allocate(bytes);

    public override DeviceBuffer AllocateHost(long bytes) => Allocate(bytes);
}
