using Actors.Tensors;

namespace Actors.Runtime.Tests.Cluster.Links;

/// <summary>
/// A device that computes as another and keeps two kinds of memory apart, as a GPU does: its own, which is no link's to read or write, and the host's, which was allocated
/// as such or imported.
/// </summary>
internal sealed class DividedDevice(IBackend inner) : WrappedBackend(inner)
{
    private readonly Lock _gate = new();
    private readonly List<Own> _own = [];
    private readonly List<Imported> _imports = [];

    /// <summary>How often memory of somebody else was imported.</summary>
    public int Imports { get; private set; }

    /// <summary>Whether imported memory has not been let go.</summary>
    public bool HoldsImports
    {
        get
        {
            lock (_gate)
            {
                return _imports.Count > 0;
            }
        }
    }

    public override DeviceBuffer Allocate(long bytes)
    {
        var buffer = new Own(this, base.Allocate(bytes));
        lock (_gate)
        {
            _own.Add(buffer);
        }

        return buffer;
    }

    public override DeviceBuffer ImportHost(DeviceBuffer memory)
    {
        lock (_gate)
        {
            Imports++;
            _imports.Add(new Imported(this, memory));
            return _imports[^1];
        }
    }

    /// <summary>Whether bytes lie in the device's own memory.</summary>
    public bool Owns(nint pointer)
    {
        lock (_gate)
        {
            return _own.Exists(buffer => pointer >= buffer.Pointer && pointer < buffer.Pointer + (nint)buffer.Bytes);
        }
    }

    private sealed class Own(DividedDevice device, DeviceBuffer memory) : DeviceBuffer(memory.Pointer, memory.Bytes, isHost: true)
    {
        protected override void Dispose(bool disposing)
        {
            lock (device._gate)
            {
                // Not after it is free: it may then be the host's.
                device._own.Remove(this);
                memory.Dispose();
            }
        }
    }

    private sealed class Imported(DividedDevice device, DeviceBuffer memory) : DeviceBuffer(memory.Pointer, memory.Bytes, isHost: true)
    {
        protected override void Dispose(bool disposing)
        {
            lock (device._gate)
            {
                device._imports.Remove(this);
            }
        }
    }
}
