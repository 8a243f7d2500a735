using System.Runtime.InteropServices;
using Actors.Gpu.Backend;
using Actors.Gpu.Devices;
using Actors.Gpu.Links;
using Actors.Tensors;

namespace Actors.Parity.Tests;

/// <summary>Memory of the host that somebody else owns: a device's operations and links read and write it where it is.</summary>
public sealed class ImportedMemory
{
    private const int Rows = 300, Columns = 77;

    public static TheoryData<string> BackendNames() => GradientChecks.BackendNames();

    [Theory]
    [MemberData(nameof(BackendNames))]
    public void Operations_read_and_write_it_in_place(string backend)
    {
        using IBackend device = Backends.Create(backend);
        using var trial = new Trial(device, seed: 1);
        using var owned = new Owned(2 * Arena.Plan(Rows, Columns));
        using (var arena = new Arena(device.ImportHost(owned)))
        {
            Tensor from = arena.Take(Rows, Columns), to = arena.Take(Rows, Columns);
            float[] values = [.. Enumerable.Range(0, Rows * Columns).Select(value => value / 8f)];
            values.CopyTo(new HostTensor(from).AsSpan<float>());
            Tensor own = trial.ContiguousFloats(Rows, Columns);
            trial.Stream.Copy(from, own);
            trial.Stream.Add(own, from, to);
            trial.Values(own);
            Assert.Equal(values.Select(value => 2 * value), new HostTensor(to).AsSpan<float>().ToArray());
            Assert.Equal(owned.Pointer, from.Pointer);
        }

        // It is the owner's still, and can be imported again.
        owned.First = 1;
        device.ImportHost(owned).Dispose();
    }

    [Fact]
    public void Memory_of_a_device_is_not_imported()
    {
        using IBackend device = Backends.Create("cpu");
        using var foreign = new Owned(64, isHost: false);
        Assert.Throws<ArgumentException>(() => device.ImportHost(foreign));
    }

    /// <summary>What a link has moved by the time that its completion comes is what another process reads.</summary>
    [CudaFact]
    public void The_host_reads_what_a_link_has_gathered_there_once_its_completion_has_come()
    {
        using var device = new CudaBackend(GpuMachine.Read().Devices[0]);
        using var trial = new Trial(device, seed: 2);
        using var owned = new Owned(Arena.Plan(Rows, Columns));
        using var arena = new Arena(device.ImportHost(owned));
        using var link = new CudaLink(device);
        Tensor slot = arena.Take(Rows, Columns), source = trial.ContiguousFloats(Rows, Columns);
        float[] values = trial.Values(source);
        int[] rows = [.. Enumerable.Range(0, Rows).Select(row => Rows - 1 - row)];
        for (int round = 0; round < 100; round++)
        {
            new HostTensor(slot).AsSpan<float>().Clear();
            using var end = new StreamEnd();
            link.Gather(source, rows, slot);
            Assert.False(link.IsIdle);
            link.Notify(end);
            end.Wait();
            Assert.Equal(rows.SelectMany(row => values.Skip(row * Columns).Take(Columns)), new HostTensor(slot).AsSpan<float>().ToArray());
        }
    }

    [CudaFact]
    public void Memory_that_is_imported_already_is_refused_with_its_size()
    {
        using IBackend device = Backends.Create(Backends.Gpu);
        using var owned = new Owned(1 << 16);
        using DeviceBuffer first = device.ImportHost(owned);
        Assert.Contains("65536 bytes of the host's memory could not be pinned", Assert.Throws<IOException>(() => device.ImportHost(owned)).Message, StringComparison.Ordinal);
    }

    /// <summary>Pages of somebody else.</summary>
    private sealed class Owned : DeviceBuffer
    {
        private const int Page = 4096;
        private nint _allocated;

        public Owned(long bytes, bool isHost = true)
            : this(Marshal.AllocHGlobal((nint)bytes + Page), bytes, isHost)
        {
        }

        private Owned(nint allocated, long bytes, bool isHost)
            : base((allocated + Page - 1) / Page * Page, bytes, isHost) => _allocated = allocated;

        public byte First
        {
            set => Marshal.WriteByte(Pointer, value);
        }

        protected override void Dispose(bool disposing)
        {
            Marshal.FreeHGlobal(_allocated);
            _allocated = 0;
        }
    }
}
