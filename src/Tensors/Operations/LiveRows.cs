namespace Actors.Tensors.Operations;

/// <summary>
/// How many of an operation's rows are there, where only the device knows it: Int32 (1, 1) in its memory. The operation neither reads nor writes rows beyond. An
/// absent one means all.
/// </summary>
public static class LiveRows
{
    /// <summary>The number, where the host reads the memory.</summary>
    /// <param name="live">Int32 (1, 1), or absent.</param>
    /// <param name="capacity">Most rows.</param>
    public static int OnHost(Tensor live, int capacity) => live.IsAbsent ? capacity : Math.Clamp(new HostTensor(live).RowSpan<int>(0)[0], 0, capacity);
}
