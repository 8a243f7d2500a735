using System.Numerics;

namespace Actors.Tensors;

/// <summary>
/// Lends contiguous tensors whose sizes become known only while running, and lends their memory again: after a few steps
/// nothing new is allocated. Memory is cut in powers of two. Safe to use from several threads.
/// </summary>
public sealed class TensorPool : IDisposable
{
    private const int SmallestBytes = 256;
    private readonly IBackend _backend;
    private readonly long _limitBytes;
    private readonly Lock _gate = new();
    private readonly Stack<DeviceBuffer>?[] _free = new Stack<DeviceBuffer>?[64];
    private readonly Stack<DeviceBuffer>?[] _freeHost = new Stack<DeviceBuffer>?[64];

    /// <summary>Where each buffer on loan goes back to.</summary>
    private readonly Dictionary<DeviceBuffer, Stack<DeviceBuffer>> _lent = [];

    /// <summary>Makes an empty pool.</summary>
    /// <param name="backend">Where the memory lies.</param>
    /// <param name="limitBytes">Most bytes that the pool may hold.</param>
    public TensorPool(IBackend backend, long limitBytes = long.MaxValue)
    {
        _backend = backend;
        _limitBytes = limitBytes;
    }

    /// <summary>Bytes held, lent or free.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>Lends a tensor of undefined contents; give it back with <see cref="Return"/>.</summary>
    /// <exception cref="OutOfMemoryException">The pool's limit would be passed; the message names it.</exception>
    public Tensor Rent(int rows, int columns, ElementType type = ElementType.Float32) => Rent(rows, columns, type, onHost: false);

    /// <summary>Lends a tensor that the host reads, of undefined contents; give it back with <see cref="Return"/>.</summary>
    /// <exception cref="OutOfMemoryException">The pool's limit would be passed; the message names it.</exception>
    public HostTensor RentHost(int rows, int columns, ElementType type = ElementType.Float32) => new(Rent(rows, columns, type, onHost: true));

    /// <summary>Takes a tensor back; an absent one is ignored.</summary>
    /// <exception cref="ArgumentException">It was not lent by this pool, or given back before.</exception>
    public void Return(Tensor tensor)
    {
        if (tensor.IsAbsent)
        {
            return;
        }

        lock (_gate)
        {
            if (!_lent.Remove(tensor.Buffer, out Stack<DeviceBuffer>? free))
            {
                throw new ArgumentException($"{tensor} is not on loan from this pool.");
            }

            free.Push(tensor.Buffer);
        }
    }

    /// <summary>Frees everything, lent or not.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (DeviceBuffer buffer in _lent.Keys)
            {
                buffer.Dispose();
            }

            foreach (Stack<DeviceBuffer>? free in _free.Concat(_freeHost))
            {
                while (free is not null && free.TryPop(out DeviceBuffer? buffer))
                {
                    buffer.Dispose();
                }
            }

            _lent.Clear();
        }
    }

    private Tensor Rent(int rows, int columns, ElementType type, bool onHost)
    {
        long bytes = Math.Max(SmallestBytes, (long)BitOperations.RoundUpToPowerOf2((ulong)rows * (ulong)columns * (ulong)type.SizeInBytes()));
        int sizeClass = BitOperations.Log2((ulong)bytes);
        lock (_gate)
        {
            Stack<DeviceBuffer> free = (onHost ? _freeHost : _free)[sizeClass] ??= new Stack<DeviceBuffer>();
            if (!free.TryPop(out DeviceBuffer? buffer))
            {
                if (HeldBytes + bytes > _limitBytes)
                {
                    throw new OutOfMemoryException(
                        $"The tensor pool holds {HeldBytes} bytes and may hold {_limitBytes}; a tensor of {rows} x {columns} {type} needs {bytes} more.");
                }

                buffer = onHost ? _backend.AllocateHost(bytes) : _backend.Allocate(bytes);
                HeldBytes += bytes;
            }

            _lent.Add(buffer, free);
            return new Tensor(buffer, 0, rows, columns, columns, type);
        }
    }
}
