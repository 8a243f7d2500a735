using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Actors.Cli.Tests.Nodes;

/// <summary>An authority and the certificates that it signs, in files.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly string _folder;

    /// <summary>Makes an authority.</summary>
    /// <param name="folder">Folder for the files.</param>
    public TestAuthority(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        var request = new CertificateRequest("CN=authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(PathOf("authority"), _certificate.ExportCertificatePem());
    }

    /// <summary>Signs a certificate.</summary>
    /// <returns>Options that name the files.</returns>
    public string[] Sign(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using X509Certificate2 signed = request.Create(_certificate, _certificate.NotBefore, _certificate.NotAfter, RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(PathOf(name), signed.ExportCertificatePem());
        File.WriteAllText(PathOf(name + "-key"), key.ExportPkcs8PrivateKeyPem());
        return
        [
            "--set", $"actors.cluster.tls.certificate-file={PathOf(name)}",
            "--set", $"actors.cluster.tls.key-file={PathOf(name + "-key")}",
            "--set", $"actors.cluster.tls.authority-file={PathOf("authority")}",
        ];
    }

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private string PathOf(string name) => Path.Combine(_folder, name + ".pem");
}
