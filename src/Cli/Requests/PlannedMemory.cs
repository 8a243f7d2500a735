using Actors.Runtime.Training.Memory;

namespace Actors.Cli.Requests;

/// <summary>What memory a training run takes, as it was planned and checked.</summary>
/// <param name="Even">By rank and domain, with an even routing; null: a run without actors has neither.</param>
/// <param name="Most">The same at most, whatever the routing and who is late.</param>
/// <param name="All">What was checked: as the first steps may take it, with the text at the end.</param>
/// <param name="Sample">What the text at the end takes beside the values.</param>
internal sealed record PlannedMemory(MemoryTable? Even, MemoryTable? Most, MemoryEstimate All, MemoryEstimate Sample)
{
    /// <summary>By device what of it was in use when the run opened it: context, libraries, kernels, and whatever else runs there; null: the host is the device.</summary>
    public IReadOnlyList<long>? InUse { get; init; }

    /// <summary>Bytes of a device that libraries and kernels use between operations, for each stream that computes, at most.</summary>
    public long WorkspaceBytes { get; init; }
}
