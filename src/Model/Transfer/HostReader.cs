using System.Runtime.InteropServices;
using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Model.Transfer;

/// <summary>
/// Brings a tensor to the host and waits for it: for the serial model and for files, where one thread has nothing else to do.
/// Actors on the way of a step never wait; they take the completion as a message.
/// </summary>
public sealed class HostReader : IStreamCompletion, IDisposable
{
    private readonly ManualResetEventSlim _done = new();
    private readonly IStream _stream;
    private byte[] _bytes = [];
    private float[] _floats = [];
    private Exception? _failure;

    /// <summary>Reads what <paramref name="stream"/> computes.</summary>
    public HostReader(IStream stream)
    {
        _stream = stream;
    }

    /// <summary>The elements of a contiguous tensor; valid until the next call.</summary>
    public ReadOnlySpan<T> Read<T>(Tensor tensor)
        where T : unmanaged
    {
        int bytes = checked((int)(tensor.Count * tensor.Type.SizeInBytes()));
        if (_bytes.Length < bytes)
        {
            _bytes = new byte[bytes];
        }

        _stream.Download(tensor, _bytes.AsMemory(0, bytes));
        Wait();
        return MemoryMarshal.Cast<byte, T>(_bytes.AsSpan(0, bytes));
    }

    /// <summary>The elements of a contiguous tensor of Float32 or BFloat16; valid until the next call.</summary>
    public ReadOnlySpan<float> ReadFloats(Tensor tensor)
    {
        if (tensor.Type != ElementType.BFloat16)
        {
            return Read<float>(tensor);
        }

        ReadOnlySpan<ushort> codes = Read<ushort>(tensor);
        if (_floats.Length < codes.Length)
        {
            _floats = new float[codes.Length];
        }

        BFloat16.ToSingle(codes, _floats);
        return _floats.AsSpan(0, codes.Length);
    }

    /// <summary>Waits until everything enqueued has run.</summary>
    public void Wait()
    {
        _done.Reset();
        _stream.Notify(this);
        _done.Wait();
        if (_failure is not null)
        {
            throw new InvalidOperationException($"The stream {_stream.Name} failed: {_failure.Message}", _failure);
        }
    }

    /// <inheritdoc/>
    public void Completed(Exception? failure)
    {
        _failure = failure;
        _done.Set();
    }

    /// <inheritdoc/>
    public void Dispose() => _done.Dispose();
}
