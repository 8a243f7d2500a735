namespace Actors.Runtime.Configuration;

/// <summary><c>actors.cluster.tls</c>: PEM files of the certificates by which processes and callers of a cluster know each other.</summary>
/// <param name="CertificateFile">The own certificate.</param>
/// <param name="KeyFile">Its key.</param>
/// <param name="AuthorityFile">The authority that signed the certificates of all.</param>
public sealed record TlsSettings(string CertificateFile, string KeyFile, string AuthorityFile)
{
    private const string Section = "actors.cluster.tls";

    /// <summary>Reads the keys; null: there is no TLS.</summary>
    internal static TlsSettings? Read(SettingsReader reader)
    {
        string? certificate = reader.OptionalText($"{Section}.certificate-file");
        string? key = reader.OptionalText($"{Section}.key-file");
        string? authority = reader.OptionalText($"{Section}.authority-file");
        if (certificate is null && key is null && authority is null)
        {
            return null;
        }

        return certificate is not null && key is not null && authority is not null
            ? new TlsSettings(certificate, key, authority)
            : throw reader.Broken(
                $"{Section}.{(certificate is null ? "certificate-file" : key is null ? "key-file" : "authority-file")}",
                "certificate-file, key-file and authority-file are needed together");
    }
}
