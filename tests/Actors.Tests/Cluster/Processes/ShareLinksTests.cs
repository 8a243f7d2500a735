using System.Collections.Immutable;
using Actors.Cpu;
using Actors.Runtime.Cluster;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Peers;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Cluster.Processes;

public sealed class ShareLinksTests
{
    [Fact]
    public async Task Memory_that_a_device_cannot_use_is_refused_with_what_to_do()
    {
        using var device = new Refusing();
        using DeviceBuffer memory = device.AllocateHost(64);
        var link = new SharingLink(memory);
        ImmutableArray<ProcessShare> processes = [.. Enumerable.Range(0, 2).Select(number => new ProcessShare($"p{number}", "here", "127.0.0.1", 1, [number]))];
        var order = new PrepareShare(1, 0, processes, null, new TrainRun("nowhere", "run"), new(1, 2, 1, 1));
        using ShareLinks links = await ShareLinks.OpenAsync(order, link, (_, _) => { }, CancellationToken.None);

        string message = Assert.Throws<PeerLinkException>(() => links.Share(new RunDevices(device, () => new HostLink()))).Message;

        Assert.StartsWith($"{device.Name} cannot use the memory that is shared with process 1: 64 bytes could not be pinned", message, StringComparison.Ordinal);
        Assert.EndsWith("actors.cluster.links.shared-memory = off", message, StringComparison.Ordinal);
    }

    private sealed class Refusing() : WrappedBackend(new CpuBackend())
    {
        public override DeviceBuffer ImportHost(DeviceBuffer memory) => throw new IOException($"{memory.Bytes} bytes could not be pinned");
    }

    private sealed class SharingLink(DeviceBuffer shared) : PeerLink, ILinkOpener
    {
        public override int Peer => 1;

        public override string Name => "process 1";

        public override int Lanes => 3;

        public override bool SharesMemory => true;

        public override DeviceBuffer? Shared => shared;

        public override long ClockOffset => 0;

        public override bool HasEnded => false;

        public override Task Completion => Task.CompletedTask;

        public Task<PeerLink?[]> OpenAsync(PrepareShare order, IReadOnlyList<IFrameSink> sinks, CancellationToken cancellation) =>
            Task.FromResult<PeerLink?[]>([null, this]);

        public override void Send(int lane, in FrameHeader header, ReadOnlySpan<byte> small) => throw new NotSupportedException();

        public override void Send(int lane, in FrameHeader header, ReadOnlySpan<PayloadPart> parts, IFrameSent? sent) => throw new NotSupportedException();

        public override void End(string reason)
        {
        }

        public override void Dispose()
        {
        }
    }
}
