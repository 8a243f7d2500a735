using System.Runtime.InteropServices;
using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Gpu.Backend;

/// <summary>
/// Flags in each rank's memory, on its GPU: counts and what has failed, then a number for each block of each rank's dispatch and one for each rank's sums. A wait that
/// fails is reported in memory of the host. Mirrors rank_flags.cuh.
/// </summary>
internal sealed class CudaFlags : ExchangeFlags
{
    /// <summary>Blocks of a dispatch at most: they fit beside each other on every GPU from sm_80 on, and a block's rows are enough to fill its share of a link.</summary>
    private const int MostBlocks = 128;

    private const int FirstFlag = 32, ReportWords = 16;
    private readonly DeviceMemory[] _memory;
    private readonly PinnedMemory _reports;
    private readonly ulong _limitNanoseconds;

    /// <summary>Allocates them.</summary>
    /// <param name="devices">The GPU of each rank.</param>
    /// <param name="tokens">Most tokens of a rank.</param>
    /// <param name="limit">Longest wait.</param>
    public CudaFlags(IReadOnlyList<CudaContext> devices, int tokens, TimeSpan limit)
        : base(devices.Count, tokens, limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(devices.Count, IExchangeOperations.MostRanks, nameof(devices));
        if (devices.Select(device => device.Device.Number).Distinct().Count() < devices.Count)
        {
            // A rank that waits on a GPU may keep the one that it waits for from running there.
            throw new ArgumentException("Ranks that wait for each other's flags have a GPU each, and two of these share one.", nameof(devices));
        }

        Blocks = Math.Min(tokens, MostBlocks);
        _limitNanoseconds = limit == Timeout.InfiniteTimeSpan ? ulong.MaxValue : (ulong)(limit.TotalMilliseconds * 1e6);
        long bytes = (FirstFlag + ((long)devices.Count * (Blocks + 1))) * sizeof(uint);
        _memory = [.. devices.Select(device => Zeros(device, bytes))];
        _reports = CudaMemory.Pinned(devices[0], devices.Count * ReportWords * sizeof(uint));
    }

    /// <summary>Blocks of a dispatch.</summary>
    public int Blocks { get; }

    /// <inheritdoc/>
    public override FlagTimeout? Failure
    {
        get
        {
            for (int rank = 0; rank < Ranks; rank++)
            {
                Span<uint> report = ReportOf(rank);
                if (Volatile.Read(ref report[0]) != 0)
                {
                    string operation = report[1] == 1 ? nameof(IFlagExchangeOperations.DispatchTokens) : nameof(IFlagExchangeOperations.CombineTokens);
                    return new FlagTimeout(rank, (int)report[2], operation, (int)report[3], report[4], report[5], Limit);
                }
            }

            return null;
        }
    }

    /// <inheritdoc/>
    public override void Reset(IStream stream, int rank)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ReportOf(rank).Clear();
        ((CudaStream)stream).Clear(_memory[rank]);
    }

    /// <summary>The flags as a rank's kernels take them.</summary>
    public RankFlags Of(int rank)
    {
        var flags = new RankFlags
        {
            Report = _reports.Address + (nuint)(rank * ReportWords * sizeof(uint)),
            LimitNanoseconds = _limitNanoseconds,
            Count = Ranks,
            Me = rank,
            Blocks = Blocks,
        };
        for (int other = 0; other < Ranks; other++)
        {
            flags.Ranks[other] = _memory[other].Address;
        }

        return flags;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Array.ForEach(_memory, memory => memory.Dispose());
            _reports.Dispose();
        }
    }

    private static DeviceMemory Zeros(CudaContext device, long bytes)
    {
        DeviceMemory memory = CudaMemory.Device(device, bytes);
        using var queue = new CudaQueue(device);
        queue.Fill(memory.Address, 0, memory.Bytes);
        queue.Drain();
        return memory;
    }

    private Span<uint> ReportOf(int rank) => MemoryMarshal.Cast<byte, uint>(_reports.Span).Slice(rank * ReportWords, ReportWords);
}
