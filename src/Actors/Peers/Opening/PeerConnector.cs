using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Peers.Lanes;
using Actors.Runtime.Peers.Memory;

namespace Actors.Runtime.Peers.Opening;

/// <summary>Opens links to processes that listen.</summary>
internal sealed class PeerConnector(PeerIdentity identity, LinkEnvironment environment)
{
    private LinkSettings Settings => environment.Settings;

    /// <summary>Opens a link. Frames may arrive before this returns.</summary>
    /// <param name="peer">The number of the process.</param>
    /// <param name="host">Its name or address.</param>
    /// <param name="port">Its port.</param>
    /// <param name="stop">Ends the attempt.</param>
    /// <exception cref="PeerLinkException">One line: whom, where, why, and how to fix it.</exception>
    public async Task<PeerLink> ConnectAsync(int peer, string host, int port, CancellationToken stop = default)
    {
        string name = $"process {peer} ({host}:{port})";
        using var limit = new CancellationTokenSource(Settings.HandshakeTimeout, environment.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var opened = new List<ByteLane>();
        SharedMemory? file = null;
        var clock = new ClockEstimate();
        var notices = new LinkNotices();
        try
        {
            Hello hello = HelloTo(peer);
            (Stream control, file) = await OpenAsync(name, host, port, hello, clock, mayShare: Settings.SharedMemory, either.Token);
            opened.Add(new StreamLane(control));
            LinkMemory? memory = file is null ? null : new LinkMemory(file, Settings, hello.SharedBytes, connected: true);
            for (int lane = 1; lane < hello.Lanes; lane++)
            {
                hello.Lane = lane;
                opened.Add(memory?.Lane(lane, notices)
                    ?? new StreamLane((await OpenAsync(name, host, port, hello, new ClockEstimate(), mayShare: false, either.Token)).Stream));
            }

            var link = new FramedLink(peer, name, [.. opened], memory, notices, clock, environment);
            LinkLog.Opened(environment.Log, name, hello.Lanes, memory is null ? "connections" : "shared memory");
            link.Start();
            return link;
        }
        catch (Exception failure)
        {
            opened.ForEach(lane => lane.Dispose());
            file?.Dispose();
            throw failure switch
            {
                PeerLinkException => failure,
                OperationCanceledException when stop.IsCancellationRequested => failure,
                OperationCanceledException => new PeerLinkException(
                    $"{name} did not answer within {Settings.HandshakeTimeout.TotalSeconds:0.###} s (handshake-timeout)", failure),
                AuthenticationException => new PeerLinkException($"{name}: TLS failed: {failure.Message}", failure),
                EndOfStreamException => new PeerLinkException($"{name} closed the connection before the link was open; its log says why", failure),
                IOException or SocketException => new PeerLinkException($"{name} cannot be reached: {failure.Message}", failure),
                _ => failure,
            };
        }
    }

    private Hello HelloTo(int peer)
    {
        var hello = new Hello
        {
            Run = identity.Run,
            Link = Guid.NewGuid(),
            Epoch = identity.Epoch,
            From = identity.Process,
            To = peer,
            Lanes = PeerLink.FirstChunkLane + Settings.ChunkLanes,
            RingBytes = Settings.RingBytes,
            MaxFrameBytes = Settings.MaxFrameBytes,
            SharedBytes = environment.SharedBytes?.Invoke(peer) ?? 0,
            TicksPerSecond = environment.Time.TimestampFrequency,
        };
        identity.Plan.Span.CopyTo(hello.Plan);
        return hello;
    }

    private async Task<(Stream Stream, SharedMemory? File)> OpenAsync(
        string name, string host, int port, Hello hello, ClockEstimate clock, bool mayShare, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SharedMemory? file = null;
        bool done = false;
        Stream stream = Stream.Null;
        try
        {
            await socket.ConnectAsync(host, port, stop);
            mayShare &= PeerSockets.IsOfThisHost(socket);
            stream = new NetworkStream(socket, ownsSocket: true);
            stream = environment.Tls is { } tls ? await tls.ConnectAsync(stream, stop) : stream;
            var handshake = new Handshake(stream, name, stop);
            hello.Nonce = Handshake.Nonce();
            await handshake.OpenAsync();
            long sent = environment.Time.GetTimestamp();
            await handshake.SendAsync(hello);
            int version = await handshake.ReadOpeningAsync();
            Challenge challenge = await handshake.ReadAsync<Challenge>();
            clock.Add(sent, challenge.Time, environment.Time.GetTimestamp());
            Refuse(name, (Refusal)challenge.Refusal, hello, version, challenge);
            var proof = new Proof { Time = environment.Time.GetTimestamp() };
            if (!Handshake.Equal(challenge.Proof, Handshake.Prove(identity.Secret, hello, challenge)))
            {
                proof.Refusal = (int)Refusal.Secret;
                await handshake.SendAsync(proof);
                Refuse(name, Refusal.Secret, hello, version, challenge);
            }

            file = mayShare ? CreateFile(name, hello, ref proof) : null;
            proof.Mac = Handshake.Prove(identity.Secret, hello, challenge, proof);
            await handshake.SendAsync(proof);
            Welcome welcome = await handshake.ReadAsync<Welcome>();
            Refuse(name, (Refusal)welcome.Refusal, hello, version, challenge);
            done = true;
            if (welcome.SharesMemory != 0)
            {
                return (stream, file ?? throw new PeerLinkException($"{name} wants to share memory that was not offered"));
            }

            if (file is not null)
            {
                LinkLog.NotShared(environment.Log, name, "it cannot map the file; its log says why");
                file.Unlink();
                file.Dispose();
            }

            return (stream, null);
        }
        finally
        {
            file?.Unlink();
            if (!done)
            {
                file?.Dispose();
                stream.Dispose();
                socket.Dispose();
            }
        }
    }

    private SharedMemory? CreateFile(string name, in Hello hello, ref Proof proof)
    {
        try
        {
            SharedMemory file = SharedMemory.Create(identity.Run, identity.Epoch, LinkMemory.Plan(Settings, hello.SharedBytes));
            Encoding.ASCII.GetBytes(file.Name, proof.File);
            return file;
        }
        catch (IOException failure)
        {
            LinkLog.NotShared(environment.Log, name, failure.Message);
            return null;
        }
    }

    private static void Refuse(string name, Refusal refusal, in Hello hello, int version, in Challenge challenge)
    {
        if (refusal != Refusal.None)
        {
            throw new PeerLinkException($"{name}: {RefusalText.Of(refusal, hello, version, challenge.Epoch, challenge.Process)}");
        }
    }
}
