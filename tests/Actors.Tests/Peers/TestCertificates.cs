using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Actors.Runtime.Peers.Opening;

namespace Actors.Runtime.Tests.Peers;

/// <summary>An authority and certificates of two processes.</summary>
internal static class TestCertificates
{
    /// <summary>TLS of two processes with one authority.</summary>
    public static PeerTls[] Pair()
    {
        X509Certificate2 authority = Authority();
        return [new PeerTls(Signed(authority, "0"), authority), new PeerTls(Signed(authority, "1"), authority)];
    }

    /// <summary>TLS of a process that another authority has signed.</summary>
    public static PeerTls Stranger()
    {
        X509Certificate2 authority = Authority();
        return new PeerTls(Signed(authority, "stranger"), authority);
    }

    private static X509Certificate2 Authority()
    {
        var request = new CertificateRequest("CN=authority", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 Signed(X509Certificate2 authority, string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        X509Certificate2 signed = request.Create(authority, authority.NotBefore, authority.NotAfter, RandomNumberGenerator.GetBytes(8));
        return X509CertificateLoader.LoadPkcs12(signed.CopyWithPrivateKey(key).Export(X509ContentType.Pkcs12), null);
    }
}
