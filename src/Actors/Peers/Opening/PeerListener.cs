using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Peers.Lanes;
using Actors.Runtime.Peers.Memory;

namespace Actors.Runtime.Peers.Opening;

/// <summary>
/// Listens for processes that open links. A connection has a bounded time to prove itself, and only so many may be unproven at a time;
/// what they say goes to buffers of fixed size. It takes links of several runs at once, each with an identity and users of its own.
/// </summary>
internal sealed class PeerListener : IDisposable
{
    private readonly LinkEnvironment _environment;
    private readonly ConcurrentDictionary<Guid, Place> _places = new();
    private readonly Place _own;
    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private int _unproven;
    private int _flooded;

    /// <summary>Listens at the settings' address.</summary>
    /// <param name="identity">Who this process is towards runs that <see cref="Serve"/> was not called for.</param>
    /// <param name="environment">What links need.</param>
    /// <param name="opened">Gets each link before its first frame is read. Must not wait.</param>
    /// <exception cref="PeerLinkException">The address cannot be listened on.</exception>
    public PeerListener(PeerIdentity identity, LinkEnvironment environment, Action<PeerLink> opened)
    {
        _environment = environment;
        _own = new Place(identity, environment, new HalfOpenLinks(environment, opened));
        IPAddress address = PeerSockets.Resolve(environment.Settings.BindHost);
        if (identity.Secret.IsEmpty && !IPAddress.IsLoopback(address))
        {
            throw new PeerLinkException(
                $"links at {address} can be reached from other hosts and need a secret: set cluster.secret-file, or cluster.host = 127.0.0.1");
        }

        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(new IPEndPoint(address, environment.Settings.Port));
            _socket.Listen(environment.Settings.MaxUnprovenConnections);
        }
        catch (SocketException failure)
        {
            _socket.Dispose();
            throw new PeerLinkException($"{address}:{environment.Settings.Port} cannot be listened on (cluster.host, links.port): {failure.Message}", failure);
        }

        EndPoint = (IPEndPoint)_socket.LocalEndPoint!;
        _ = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens, with the port that was found free.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Takes links of a run from now on, in place of those of an earlier placement of it.</summary>
    /// <param name="identity">Who this process is in the run's placement.</param>
    /// <param name="environment">What its links need.</param>
    /// <param name="opened">Gets each link before its first frame is read. Must not wait.</param>
    public void Serve(PeerIdentity identity, LinkEnvironment environment, Action<PeerLink> opened)
    {
        var place = new Place(identity, environment, new HalfOpenLinks(environment, opened));
        Place? before = null;
        _places.AddOrUpdate(identity.Run, place, (_, old) =>
        {
            before = old;
            return place;
        });
        before?.HalfOpen.Dispose();
    }

    /// <summary>Takes no links of a run any more; those that are open stay.</summary>
    public void Leave(Guid run)
    {
        if (_places.TryRemove(run, out Place? place))
        {
            place.HalfOpen.Dispose();
        }
    }

    /// <summary>Listens no more; links that are open stay.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _socket.Dispose();
        _own.HalfOpen.Dispose();
        foreach (Place place in _places.Values)
        {
            place.HalfOpen.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _socket.AcceptAsync(_stop.Token);
                Admit(socket);
            }
            catch (SocketException failure) when (!_stop.IsCancellationRequested)
            {
                // Such as too many open files: others must be able to close before the next try.
                LinkLog.Refused(_environment.Log, failure.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(100), _environment.Time);
            }
            catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private void Admit(Socket socket)
    {
        int most = _environment.Settings.MaxUnprovenConnections;
        if (Interlocked.Increment(ref _unproven) <= most)
        {
            _ = Task.Run(() => OpenAsync(socket));
            return;
        }

        Interlocked.Decrement(ref _unproven);
        socket.Dispose();
        if (Interlocked.Exchange(ref _flooded, 1) == 0)
        {
            LinkLog.Flooded(_environment.Log, most);
        }
    }

    private async Task OpenAsync(Socket socket)
    {
        string address = socket.RemoteEndPoint?.ToString() ?? "somebody";
        Stream stream = Stream.Null;
        bool open = false;
        try
        {
            socket.NoDelay = true;
            using var limit = new CancellationTokenSource(_environment.Settings.HandshakeTimeout, _environment.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
            stream = new NetworkStream(socket, ownsSocket: true);
            stream = _environment.Tls is { } tls ? await tls.AcceptAsync(stream, either.Token) : stream;
            open = await ShakeAsync(stream, address, PeerSockets.IsOfThisHost(socket), either.Token);
        }
        catch (Exception failure)
        {
            Refused(failure switch
            {
                PeerLinkException => failure.Message,
                OperationCanceledException => $"{address} did not prove itself within {_environment.Settings.HandshakeTimeout.TotalSeconds:0.###} s (handshake-timeout)",
                AuthenticationException => $"{address}: TLS failed: {failure.Message}",
                EndOfStreamException => $"{address} closed the connection before the link was open",
                _ => $"{address}: {failure.Message}",
            });
        }
        finally
        {
            if (Interlocked.Decrement(ref _unproven) < _environment.Settings.MaxUnprovenConnections / 2)
            {
                Volatile.Write(ref _flooded, 0);
            }

            if (!open)
            {
                stream.Dispose();
                socket.Dispose();
            }
        }
    }

    private void Refused(string reason)
    {
        if (!_stop.IsCancellationRequested)
        {
            LinkLog.Refused(_environment.Log, reason);
        }
    }

    private async Task<bool> ShakeAsync(Stream stream, string address, bool isOfThisHost, CancellationToken stop)
    {
        var handshake = new Handshake(stream, address, stop);
        int version = await handshake.ReadOpeningAsync();
        Hello hello = version == FirstBytes.Present ? await handshake.ReadAsync<Hello>() : default;
        (PeerIdentity identity, LinkEnvironment environment, HalfOpenLinks halfOpen) = _places.GetValueOrDefault(hello.Run, _own);
        var challenge = new Challenge
        {
            Refusal = (int)(version == FirstBytes.Present ? Examine(hello, identity, environment) : Refusal.Version),
            Process = identity.Process,
            Epoch = identity.Epoch,
            Nonce = Handshake.Nonce(),
        };
        await handshake.OpenAsync();
        challenge.Time = _environment.Time.GetTimestamp();
        challenge.Proof = challenge.Refusal == 0 ? Handshake.Prove(identity.Secret, hello, challenge) : default;
        await handshake.SendAsync(challenge);
        Refuse((Refusal)challenge.Refusal);
        Proof proof = await handshake.ReadAsync<Proof>();
        var clock = new ClockEstimate();
        clock.Add(challenge.Time, proof.Time, _environment.Time.GetTimestamp());
        Refuse((Refusal)proof.Refusal);
        var welcome = new Welcome();
        if (!Handshake.Equal(proof.Mac, Handshake.Prove(identity.Secret, hello, challenge, proof)))
        {
            welcome.Refusal = (int)Refusal.Secret;
            await handshake.SendAsync(welcome);
            Refuse(Refusal.Secret);
        }

        string name = $"process {hello.From} ({address})";
        SharedMemory? file = isOfThisHost ? OpenFile(name, hello, proof) : null;
        welcome.SharesMemory = file is null ? 0 : 1;
        welcome.Refusal = (int)halfOpen.Reserve(hello, name, file, clock);
        await handshake.SendAsync(welcome);
        Refuse((Refusal)welcome.Refusal);
        return halfOpen.Add(hello, new StreamLane(stream));

        void Refuse(Refusal refusal)
        {
            if (refusal != Refusal.None)
            {
                throw new PeerLinkException($"{address}: {RefusalText.Of(refusal, hello, version, identity.Epoch, identity.Process)}");
            }
        }
    }

    private static Refusal Examine(in Hello hello, PeerIdentity identity, LinkEnvironment environment)
    {
        int lanes = PeerLink.FirstChunkLane + environment.Settings.ChunkLanes;
        return hello.Run != identity.Run ? Refusal.Run
            : hello.Epoch != identity.Epoch ? Refusal.Epoch
            : hello.To != identity.Process ? Refusal.Target
            : hello.From == identity.Process || (uint)hello.From >= (uint)identity.Processes ? Refusal.Source
            : !((ReadOnlySpan<byte>)hello.Plan).SequenceEqual(identity.Plan.Span) ? Refusal.Plan
            : hello.Lanes != lanes || (uint)hello.Lane >= (uint)lanes ? Refusal.Lanes
            : hello.RingBytes != environment.Settings.RingBytes || hello.MaxFrameBytes != environment.Settings.MaxFrameBytes
                || hello.SharedBytes != (environment.SharedBytes?.Invoke(hello.From) ?? 0) ? Refusal.Sizes
            : hello.TicksPerSecond != environment.Time.TimestampFrequency ? Refusal.Clock
            : Refusal.None;
    }

    private SharedMemory? OpenFile(string name, in Hello hello, Proof proof)
    {
        ReadOnlySpan<byte> bytes = proof.File;
        string file = System.Text.Encoding.ASCII.GetString(bytes).TrimEnd('\0');
        if (file.Length == 0 || !_environment.Settings.SharedMemory)
        {
            return null;
        }

        try
        {
            return SharedMemory.Open(file, LinkMemory.Plan(_environment.Settings, hello.SharedBytes));
        }
        catch (IOException failure)
        {
            LinkLog.NotShared(_environment.Log, name, failure.Message);
            return null;
        }
    }

    /// <summary>What links of one run need.</summary>
    private sealed record Place(PeerIdentity Identity, LinkEnvironment Environment, HalfOpenLinks HalfOpen);
}
