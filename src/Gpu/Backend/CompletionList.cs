using System.Collections.Concurrent;
using Actors.Gpu.Driver;
using Actors.Tensors;

namespace Actors.Gpu.Backend;

/// <summary>
/// The completions of one stream that were not told yet, in order, with the copies to the host that end with them. Added to by the stream's thread, told
/// by the poller's.
/// </summary>
internal sealed class CompletionList : IDisposable
{
    private readonly CudaQueue _queue;
    private readonly ManualResetEventSlim _added;
    private readonly PinnedMemory _reached;
    private readonly ConcurrentQueue<Entry> _entries = new();
    private readonly ConcurrentBag<PinnedMemory> _staging = [];
    private List<Copy> _copies = [];
    private uint _last;

    public CompletionList(CudaQueue queue, ManualResetEventSlim added)
    {
        (_queue, _added) = (queue, added);
        _reached = new PinnedMemory(queue.Context, sizeof(uint));
    }

    /// <summary>Whether a completion has not been told.</summary>
    public bool IsPending => !_entries.IsEmpty;

    /// <summary>Enqueues a copy to memory of the host that the GPU does not reach; it has ended when the next completion is called.</summary>
    public void AddCopy(nuint from, Memory<byte> destination)
    {
        if (destination.Length == 0)
        {
            return;
        }

        PinnedMemory staging = Rent(destination.Length);
        _queue.Copy(staging.Address, from, destination.Length);
        _copies.Add(new Copy(staging, destination));
    }

    /// <summary>Enqueues a completion.</summary>
    public void Add(IStreamCompletion completion)
    {
        List<Copy>? copies = null;
        if (_copies.Count > 0)
        {
            (copies, _copies) = (_copies, []);
        }

        uint number = ++_last;
        _entries.Enqueue(new Entry(number, completion, copies));
        _queue.Write(_reached.Address, number);
        _added.Set();
    }

    /// <summary>Tells what has been reached, or that the stream has failed.</summary>
    public bool Tell(bool checksFailure)
    {
        bool hasTold = false;
        while (_entries.TryPeek(out Entry entry))
        {
            CudaException? failure = null;
            // The numbers wrap around: the difference says which is later.
            if ((int)(Reached - entry.Number) < 0 && (!checksFailure || (failure = _queue.Failure()) is null))
            {
                return hasTold;
            }

            _entries.TryDequeue(out _);
            foreach (Copy copy in entry.Copies ?? [])
            {
                copy.Staging.Span[..copy.Destination.Length].CopyTo(copy.Destination.Span);
                _staging.Add(copy.Staging);
            }

            entry.Completion.Completed(failure);
            hasTold = true;
        }

        return hasTold;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reached.Dispose();
        foreach (PinnedMemory staging in _staging.Concat(_copies.Select(copy => copy.Staging)))
        {
            staging.Dispose();
        }
    }

    private unsafe uint Reached => Volatile.Read(ref *(uint*)_reached.Address);

    private PinnedMemory Rent(int bytes)
    {
        if (_staging.TryTake(out PinnedMemory? free))
        {
            if (free.Bytes >= bytes)
            {
                return free;
            }

            free.Dispose();
        }

        return new PinnedMemory(_queue.Context, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((ulong)bytes));
    }

    private readonly record struct Entry(uint Number, IStreamCompletion Completion, List<Copy>? Copies);

    private readonly record struct Copy(PinnedMemory Staging, Memory<byte> Destination);
}
