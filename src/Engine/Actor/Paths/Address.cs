namespace Akka.Actor;

/// <summary>
/// Where an actor system is reached: <c>protocol://system</c> for a local one, <c>protocol://system@host:port</c>
/// for one that listens on the network.
/// </summary>
public sealed class Address : IEquatable<Address>, IComparable<Address>, IComparable
{
    private readonly string _text;

    /// <summary>Creates an address; without a host and a port it has local scope.</summary>
    /// <exception cref="ArgumentException">Protocol or system name is empty.</exception>
    public Address(string protocol, string system, string? host = null, int? port = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(protocol);
        ArgumentException.ThrowIfNullOrEmpty(system);
        Protocol = protocol;
        System = system;
        Host = host?.ToLowerInvariant();
        Port = port;
        _text = Host is null ? $"{protocol}://{system}" : port is null ? $"{protocol}://{system}@{Host}" : $"{protocol}://{system}@{Host}:{port}";
    }

    /// <summary>The protocol: <c>akka</c> locally, <c>akka.tcp</c> over TCP.</summary>
    public string Protocol { get; }

    /// <summary>The actor system's name.</summary>
    public string System { get; }

    /// <summary>Host name or IP address in lower case; null with local scope.</summary>
    public string? Host { get; }

    /// <summary>TCP port; null with local scope.</summary>
    public int? Port { get; }

    /// <summary>True when the address means nothing outside its own process.</summary>
    public bool HasLocalScope => Host is null;

    /// <summary>True when the address can be reached from other processes.</summary>
    public bool HasGlobalScope => Host is not null;

    /// <summary>Parses the text form.</summary>
    /// <exception cref="UriFormatException">The text is not an address.</exception>
    public static Address Parse(string address) =>
        TryParse(address, out Address? result)
            ? result
            : throw new UriFormatException($"'{address}' is not an address: write protocol://system or protocol://system@host:port.");

    /// <summary>Parses the text form of an address, or the address part of a path; false when it is neither.</summary>
    public static bool TryParse(string path, [global::System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Address? address)
    {
        address = null;
        int scheme = path.IndexOf("://", StringComparison.Ordinal);
        if (scheme <= 0)
        {
            return false;
        }

        int end = path.IndexOf('/', scheme + 3);
        ReadOnlySpan<char> authority = end < 0 ? path.AsSpan(scheme + 3) : path.AsSpan(scheme + 3, end - scheme - 3);
        if (authority.IsEmpty)
        {
            return false;
        }

        string protocol = path[..scheme];
        int at = authority.IndexOf('@');
        if (at < 0)
        {
            address = authority.Contains(':') ? null : new Address(protocol, authority.ToString());
            return address is not null;
        }

        ReadOnlySpan<char> endpoint = authority[(at + 1)..];
        int colon = endpoint.LastIndexOf(':');
        if (at == 0 || colon <= 0 || !int.TryParse(endpoint[(colon + 1)..], out int port) || port is < 0 or > 65535)
        {
            return false;
        }

        address = new Address(protocol, authority[..at].ToString(), endpoint[..colon].ToString(), port);
        return true;
    }

    /// <summary><c>system@host:port</c>, or the system's name alone with local scope.</summary>
    public string HostPort() => _text[(Protocol.Length + 3)..];

    /// <summary>The same address with another host.</summary>
    public Address WithHost(string? host = null) => new(Protocol, System, host, Port);

    /// <summary>The same address with another port.</summary>
    public Address WithPort(int? port = null) => new(Protocol, System, Host, port);

    /// <summary>The same address with another protocol.</summary>
    public Address WithProtocol(string protocol) => new(protocol, System, Host, Port);

    /// <summary>The same address with another system name.</summary>
    public Address WithSystem(string system) => new(Protocol, system, Host, Port);

    /// <inheritdoc/>
    public bool Equals(Address? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Address);

    /// <inheritdoc/>
    public override int GetHashCode() => _text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(Address? other) => string.CompareOrdinal(_text, other?._text);

    int IComparable.CompareTo(object? obj) => CompareTo(obj as Address);

    /// <summary>The text form, <c>protocol://system@host:port</c>.</summary>
    public override string ToString() => _text;

    /// <summary>Value equality.</summary>
    public static bool operator ==(Address? left, Address? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Value inequality.</summary>
    public static bool operator !=(Address? left, Address? right) => !(left == right);
}
