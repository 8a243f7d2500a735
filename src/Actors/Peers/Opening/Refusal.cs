namespace Actors.Runtime.Peers.Opening;

/// <summary>Why a handshake ended. The numbers are part of the protocol.</summary>
internal enum Refusal
{
    None = 0,
    Version = 1,
    Run = 2,
    Epoch = 3,
    Target = 4,
    Source = 5,
    Plan = 6,
    Lanes = 7,
    Sizes = 8,
    Clock = 9,
    Secret = 10,
    Busy = 11,
}

/// <summary>Says a refusal as both sides read it.</summary>
internal static class RefusalText
{
    /// <summary>One line without the address: what differs and how to fix it.</summary>
    public static string Of(Refusal refusal, in Hello hello, int version, int epoch, int process) => refusal switch
    {
        Refusal.Version => $"the processes speak versions {FirstBytes.Present} and {version} of the protocol; run the same build everywhere",
        Refusal.Run => "the processes belong to different runs; start all of them with the same run id",
        Refusal.Epoch => $"process {hello.From} is at epoch {hello.Epoch} of the placement and process {process} at {epoch}",
        Refusal.Target => $"process {hello.From} wants process {hello.To}, and this address is process {process}'s; check the placement's addresses",
        Refusal.Source => $"process {hello.From} has no place in the placement beside process {process}",
        Refusal.Plan => $"processes {hello.From} and {process} have different placements or settings; start all of them with the same profile",
        Refusal.Lanes => $"process {hello.From} wants lane {hello.Lane} of {hello.Lanes}, which process {process} does not have; chunk-lanes must be equal",
        Refusal.Sizes => $"ring-bytes, max-frame-bytes or the shared memory differ between processes {hello.From} and {process}; they must be equal",
        Refusal.Clock => $"the clocks of processes {hello.From} and {process} count in different units",
        Refusal.Secret => $"processes {hello.From} and {process} do not prove the same secret; secret-file must be the same everywhere",
        Refusal.Busy => $"process {process} has too many links half open, or this lane twice",
        _ => $"process {process} refuses for the unknown reason {(int)refusal}",
    };
}
