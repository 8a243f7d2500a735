using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Actors.Runtime.Peers.Opening;

/// <summary>
/// The first bytes of a connection: fixed messages, read into one small buffer. Both sides prove by HMAC-SHA256 over both nonces, and over
/// all that was said, that they know the secret. See docs/links.md.
/// </summary>
internal sealed class Handshake(Stream stream, string address, CancellationToken stop)
{
    private static readonly byte[] ListenerLabel = Encoding.ASCII.GetBytes("actors links: listener");
    private static readonly byte[] ConnectorLabel = Encoding.ASCII.GetBytes("actors links: connector");
    private readonly byte[] _buffer = new byte[256];

    /// <summary>Sends the magic and the version.</summary>
    public ValueTask OpenAsync() => SendAsync(new FirstBytes { Magic = FirstBytes.Expected, Version = FirstBytes.Present });

    /// <summary>Reads the other side's magic and version.</summary>
    /// <exception cref="PeerLinkException">It speaks another protocol.</exception>
    public async ValueTask<int> ReadOpeningAsync()
    {
        FirstBytes first = await ReadAsync<FirstBytes>();
        if (first.Magic == FirstBytes.Expected)
        {
            return first.Version;
        }

        string bytes = Convert.ToHexString(_buffer.AsSpan(0, 8));
        string guess = _buffer[0] == 0x16 && _buffer[1] == 3 ? "TLS, and this side has none (tls.certificate-file)" : $"something else than a link of this program: {bytes}";
        throw new PeerLinkException($"{address} speaks {guess}");
    }

    /// <summary>Sends a message.</summary>
    public ValueTask SendAsync<T>(in T message)
        where T : unmanaged
    {
        MemoryMarshal.Write(_buffer, in message);
        return stream.WriteAsync(_buffer.AsMemory(0, Unsafe.SizeOf<T>()), stop);
    }

    /// <summary>Reads a message.</summary>
    public async ValueTask<T> ReadAsync<T>()
        where T : unmanaged
    {
        await stream.ReadExactlyAsync(_buffer.AsMemory(0, Unsafe.SizeOf<T>()), stop);
        return MemoryMarshal.Read<T>(_buffer);
    }

    /// <summary>A nonce.</summary>
    public static Bytes32 Nonce()
    {
        var nonce = default(Bytes32);
        RandomNumberGenerator.Fill(nonce);
        return nonce;
    }

    /// <summary>The listener's proof: over what the connector said, and its own nonce.</summary>
    public static Bytes32 Prove(ReadOnlyMemory<byte> secret, in Hello hello, Challenge challenge)
    {
        challenge.Proof = default;
        return Mac(secret, ListenerLabel, hello, challenge, default);
    }

    /// <summary>The connector's proof: over all that was said before.</summary>
    public static Bytes32 Prove(ReadOnlyMemory<byte> secret, in Hello hello, in Challenge challenge, Proof proof)
    {
        proof.Mac = default;
        return Mac(secret, ConnectorLabel, hello, challenge, proof);
    }

    /// <summary>Compares in constant time.</summary>
    public static bool Equal(in Bytes32 a, in Bytes32 b) => CryptographicOperations.FixedTimeEquals(a, b);

    private static Bytes32 Mac(ReadOnlyMemory<byte> secret, byte[] label, Hello hello, Challenge challenge, Proof proof)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret.Span);
        hash.AppendData(label);
        hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<Hello>(in hello)));
        hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<Challenge>(in challenge)));
        hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<Proof>(in proof)));
        var mac = default(Bytes32);
        hash.GetHashAndReset(mac);
        return mac;
    }
}
