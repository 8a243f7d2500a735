using System.Text;
using Actors.Gpu.Driver;
using Actors.Gpu.Libraries;

namespace Actors.Gpu.Devices;

/// <summary>The GPUs of this machine, as its driver describes them.</summary>
/// <param name="DriverVersion">Newest version of CUDA that the driver runs, 12.8 as (12, 8).</param>
/// <param name="Devices">Its GPUs, by number.</param>
/// <param name="Links">How each pair is linked: from, then to.</param>
public sealed record GpuMachine((int Major, int Minor) DriverVersion, IReadOnlyList<GpuDevice> Devices, IReadOnlyList<IReadOnlyList<GpuLink>> Links)
{
    /// <summary>The oldest driver that is used: that of CUDA 12.</summary>
    public const int LeastDriver = 12;

    /// <summary>Whether each of some GPUs reads and writes the memory of the others.</summary>
    public bool ReachEachOther(IReadOnlyCollection<int> numbers) => numbers.All(from => numbers.All(to => Links[from][to] != GpuLink.ThroughHost));

    /// <summary>Asks the driver.</summary>
    /// <exception cref="CudaException">There is no driver, it is too old, or it has no GPU; the message says what to install.</exception>
    public static unsafe GpuMachine Read()
    {
        CudaLibraries.Load(CudaLibrary.Driver);
        CudaCall.Check(CudaDriver.cuInit(0));
        CudaCall.Check(CudaDriver.cuDriverGetVersion(out int version));
        (int Major, int Minor) driver = (version / 1000, version % 1000 / 10);
        if (driver.Major < LeastDriver)
        {
            throw new CudaException($"NVIDIA's driver runs CUDA {driver.Major}.{driver.Minor} at most, and {LeastDriver} is needed: install a newer driver");
        }

        CudaCall.Check(CudaDriver.cuDeviceGetCount(out int count));
        if (count == 0)
        {
            throw CudaCall.Failure(CudaStatus.NoDevice, -1, nameof(CudaDriver.cuDeviceGetCount));
        }

        GpuDevice[] devices = [.. Enumerable.Range(0, count).Select(Describe)];
        return new GpuMachine(driver, devices, [.. devices.Select(from => (IReadOnlyList<GpuLink>)[.. devices.Select(to => LinkOf(from.Number, to.Number))])]);
    }

    private static GpuDevice Describe(int number)
    {
        int device = HandleOf(number);
        CudaCall.Check(CudaDriver.cuDeviceTotalMem_v2(out nuint bytes, device), number);
        long kilohertz = Attribute(number, DeviceAttribute.MemoryClockRate), bits = Attribute(number, DeviceAttribute.GlobalMemoryBusWidth);
        return new GpuDevice
        {
            Number = number,
            Name = NameOf(number, device),
            BusId = BusIdOf(number, device),
            Architecture = new GpuArchitecture(Attribute(number, DeviceAttribute.ComputeCapabilityMajor), Attribute(number, DeviceAttribute.ComputeCapabilityMinor)),
            Multiprocessors = Attribute(number, DeviceAttribute.MultiprocessorCount),
            MemoryBytes = checked((long)bytes),
            // Two transfers a clock, a bus of so many bits.
            MemoryBytesPerSecond = 2e3 * kilohertz * (bits / 8),
        };
    }

    internal static int HandleOf(int number)
    {
        CudaCall.Check(CudaDriver.cuDeviceGet(out int device, number), number);
        return device;
    }

    private static int Attribute(int number, DeviceAttribute attribute)
    {
        CudaCall.Check(CudaDriver.cuDeviceGetAttribute(out int value, attribute, HandleOf(number)), number);
        return value;
    }

    private static unsafe string NameOf(int number, int device)
    {
        Span<byte> text = stackalloc byte[256];
        fixed (byte* first = text)
        {
            CudaCall.Check(CudaDriver.cuDeviceGetName(first, text.Length, device), number);
        }

        return Text(text);
    }

    private static unsafe string BusIdOf(int number, int device)
    {
        Span<byte> text = stackalloc byte[32];
        fixed (byte* first = text)
        {
            CudaCall.Check(CudaDriver.cuDeviceGetPCIBusId(first, text.Length, device), number);
        }

        return Text(text);
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes[..bytes.IndexOf((byte)0)]);

    internal static GpuLink LinkOf(int from, int to) =>
        from == to || Has(PeerAttribute.NativeAtomicSupported, from, to) ? GpuLink.NvLink
        : Has(PeerAttribute.AccessSupported, from, to) ? GpuLink.PciExpress
        : GpuLink.ThroughHost;

    private static bool Has(PeerAttribute attribute, int from, int to)
    {
        CudaCall.Check(CudaDriver.cuDeviceGetP2PAttribute(out int value, attribute, HandleOf(from), HandleOf(to)), from);
        return value != 0;
    }
}
