using System.Runtime.InteropServices;
using Actors.Gpu.Backend;
using Actors.Gpu.Operations;
using Actors.Tensors;

namespace Actors.Gpu.Links;

/// <summary>Moves rows between ranks on one GPU, on a stream of its own; row numbers come from the host and travel first.</summary>
public sealed class CudaLink : ITensorLink
{
    private readonly CudaStream _stream;
    private readonly CudaOperations _kernels;
    private readonly RowNumbers _numbers;
    private long _enqueued, _completed;

    /// <summary>Makes a link for one user.</summary>
    /// <param name="backend">The GPU.</param>
    public CudaLink(CudaBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        _stream = (CudaStream)backend.CreateStream("link");
        _kernels = backend.Kernels;
        _numbers = new RowNumbers(_stream);
    }

    /// <inheritdoc/>
    public string Name => "one GPU";

    /// <inheritdoc/>
    public bool IsIdle => Volatile.Read(ref _completed) == _enqueued;

    /// <inheritdoc/>
    public void Gather(Tensor source, ReadOnlySpan<int> rows, Tensor destination)
    {
        _numbers.Begin(rows.Length);
        Move(source, _numbers.Add(rows), 0, destination, rows.Length);
    }

    /// <inheritdoc/>
    public void Scatter(Tensor source, ReadOnlySpan<int> from, ReadOnlySpan<int> to, Tensor destination)
    {
        _numbers.Begin(from.Length, to.Length);
        nuint sources = _numbers.Add(from);
        Move(source, sources, _numbers.Add(to), destination, from.Length);
    }

    /// <inheritdoc/>
    public void Sum(ReadOnlySpan<Tensor> parts, ReadOnlySpan<int> rows, Tensor destination)
    {
        Span<RowView> views = stackalloc RowView[parts.Length];
        bool isPacked = PackedRows.Fit(destination.Type, destination.Columns, RowView.Of(destination));
        for (int part = 0; part < parts.Length; part++)
        {
            views[part] = parts[part].Rows == 0 ? default : RowView.Of(parts[part]);
            isPacked &= PackedRows.IsAligned(views[part], destination.Type);
        }

        ReadOnlySpan<int> viewNumbers = MemoryMarshal.Cast<RowView, int>(views);
        _numbers.Begin(viewNumbers.Length, rows.Length);
        nuint viewsAt = _numbers.Add(viewNumbers);
        _kernels.RowSums[destination.Type].SumParts(_stream.Queue, viewsAt, parts.Length, _numbers.Add(rows), destination, isPacked);
        _enqueued++;
    }

    /// <inheritdoc/>
    public void Notify(IStreamCompletion completion) => _stream.Notify(new Reached(this, ++_enqueued, completion));

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _numbers.Dispose();
    }

    private void Move(Tensor source, nuint from, nuint to, Tensor destination, int count)
    {
        _kernels.Moves.Move(_stream.Queue, source, from, to, destination, new RowCount(0, count));
        _enqueued++;
    }

    private sealed class Reached(CudaLink link, long enqueued, IStreamCompletion completion) : IStreamCompletion
    {
        public void Completed(Exception? failure)
        {
            completion.Completed(failure);

            // Not before: whoever finds the link idle tells at once, and must not overtake what this completion tells.
            Volatile.Write(ref link._completed, enqueued);
        }
    }

    /// <summary>Numbers of the host on their way to one operation after the other: the stream's order keeps them until it has read them.</summary>
    private sealed class RowNumbers(CudaStream stream) : IDisposable
    {
        private const int Alignment = 16;
        private readonly CudaScratch _memory = new(stream.Queue.Context);
        private nuint _next;

        /// <summary>Makes room for the numbers of an operation.</summary>
        public void Begin(params ReadOnlySpan<int> counts)
        {
            long bytes = 0;
            foreach (int count in counts)
            {
                bytes += ((long)count * sizeof(int)) + Alignment;
            }

            _next = _memory.Take(bytes);
        }

        public nuint Add(ReadOnlySpan<int> numbers)
        {
            nuint at = _next;
            stream.Upload(MemoryMarshal.AsBytes(numbers), at);
            _next += (nuint)((((long)numbers.Length * sizeof(int)) + Alignment - 1) / Alignment * Alignment);
            return at;
        }

        public void Dispose() => _memory.Dispose();
    }
}
