using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Actors.Runtime.Configuration;

namespace Actors.Runtime.Peers.Opening;

/// <summary>
/// TLS with certificates of both sides: each must be signed by the run's authority. Names are not compared: which process the other is, the
/// handshake proves.
/// </summary>
internal sealed class PeerTls(X509Certificate2 certificate, X509Certificate2 authority)
{
    private readonly SslStreamCertificateContext _certificate =
        SslStreamCertificateContext.Create(certificate, new X509Certificate2Collection(authority), offline: true);

    /// <summary>The own certificate, with its key.</summary>
    public X509Certificate2 Certificate => certificate;

    /// <summary>Reads the files that the settings name.</summary>
    /// <returns>Null where there is no TLS.</returns>
    /// <exception cref="PeerLinkException">A file is missing or cannot be read.</exception>
    public static PeerTls? Load(TlsSettings? settings)
    {
        if (settings is null)
        {
            return null;
        }

        try
        {
            return new PeerTls(
                X509Certificate2.CreateFromPemFile(settings.CertificateFile, settings.KeyFile),
                X509Certificate2.CreateFromPem(File.ReadAllText(settings.AuthorityFile)));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new PeerLinkException(
                $"the certificate of actors.cluster.tls ({settings.CertificateFile}, {settings.KeyFile}, {settings.AuthorityFile}) cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>TLS as the connecting side.</summary>
    public async Task<Stream> ConnectAsync(Stream stream, CancellationToken stop)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "",
                ClientCertificateContext = _certificate,
                RemoteCertificateValidationCallback = Validate,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            },
            stop);
        return tls;
    }

    /// <summary>TLS as the listening side.</summary>
    public async Task<Stream> AcceptAsync(Stream stream, CancellationToken stop)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        await tls.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _certificate,
                ClientCertificateRequired = true,
                RemoteCertificateValidationCallback = Validate,
                CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            },
            stop);
        return tls;
    }

    /// <summary>Whether the authority has signed a certificate.</summary>
    public bool Trusts(X509Certificate2? remote)
    {
        if (remote is null)
        {
            return false;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.Add(authority);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return own.Build(remote);
    }

    private bool Validate(object sender, X509Certificate? remote, X509Chain? chain, SslPolicyErrors errors) => Trusts(remote as X509Certificate2);
}
