using System.Text;

namespace Actors.Runtime.Peers.Opening;

/// <summary>Reads the file with the secret that all processes of a run know.</summary>
internal static class PeerSecret
{
    private const int LeastBytes = 16;
    private const int MostBytes = 4096;

    /// <summary>The secret, without white space around it; empty where there is no file.</summary>
    /// <exception cref="PeerLinkException">The file cannot be read, is open to others, or its secret is too short.</exception>
    public static ReadOnlyMemory<byte> Read(string? path)
    {
        if (path is null)
        {
            return default;
        }

        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute)) is var open and not 0)
            {
                throw new PeerLinkException($"{path} is open to others ({open}); the secret must be its owner's alone: chmod 600 {path}");
            }

            long bytes = new FileInfo(path).Length;
            string secret = bytes <= MostBytes ? File.ReadAllText(path, Encoding.Latin1).Trim() : "";
            return secret.Length >= LeastBytes
                ? Encoding.Latin1.GetBytes(secret)
                : throw new PeerLinkException($"{path} must hold a secret of {LeastBytes} to {MostBytes} bytes; make one by: openssl rand -base64 32 > {path}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new PeerLinkException($"the secret of the links cannot be read: {failure.Message}", failure);
        }
    }
}
