using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>Who a process is, and what proves to a leader that it belongs to the cluster.</summary>
/// <param name="Process">The process as it is while it holds no run.</param>
/// <param name="Secret">What all processes of a cluster know.</param>
internal sealed record ProcessIdentity(ProcessDescription Process, ReadOnlyMemory<byte> Secret)
{
    /// <summary>Answers a leader.</summary>
    /// <param name="asked">Its question.</param>
    /// <param name="held">The run that the process has a share of.</param>
    /// <param name="epoch">The highest epoch that the process was ordered into.</param>
    public ProcessIntroduced Introduction(Introduce asked, HeldRun? held, int epoch)
    {
        ProcessDescription process = Process with { Held = held, Epoch = epoch };
        return new ProcessIntroduced(process, [.. Proof(asked.Nonce, process)]);
    }

    /// <summary>Whether an answer was made by who knows the secret.</summary>
    public bool Proves(ProcessIntroduced introduced, ImmutableArray<byte> nonce) =>
        CryptographicOperations.FixedTimeEquals(introduced.Proof.AsSpan(), Proof(nonce, introduced.Process));

    private byte[] Proof(ImmutableArray<byte> nonce, ProcessDescription process)
    {
        // The lines are in a fixed order, and none holds a line break: no two descriptions have the same text.
        string text = string.Join(
            '\n', process.Name, process.Host, process.RunHash, process.LinkAddress, process.LinkPort, process.Devices, process.Held?.Epoch, process.Epoch,
            process.DeviceKind, process.DeviceName);
        return HMACSHA256.HashData(Secret.Span, [.. nonce, .. Encoding.UTF8.GetBytes(text)]);
    }
}
