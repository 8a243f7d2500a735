using System.Runtime.InteropServices;
using Actors.Tensors;
using Actors.Tensors.Numbers;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// Finds the first part of the model whose output holds what is no finite number; used where logits are written to a file, and when a
/// loss or logit already is none.
/// </summary>
internal sealed class FiniteCheck
{
    private byte[] _host = [];
    private int _bytes;
    private ElementType _type;
    private int _part = -1;

    /// <summary>The first such part since <see cref="Reset"/>, or null.</summary>
    public int? FirstPart { get; private set; }

    public void Reset()
    {
        FirstPart = null;
        _part = -1;
    }

    /// <summary>Enqueues the copy of a part's output, of Float32 or BFloat16, to the host.</summary>
    public void Begin(IStream stream, Tensor output, int part)
    {
        _type = output.Type;
        _bytes = checked((int)(output.Count * _type.SizeInBytes()));
        if (_host.Length < _bytes)
        {
            _host = new byte[_bytes];
        }

        stream.Download(output, _host.AsMemory(0, _bytes));
        _part = part;
    }

    /// <summary>Looks at what <see cref="Begin"/> has brought, if it has.</summary>
    public void End()
    {
        if (_part < 0)
        {
            return;
        }

        ReadOnlySpan<byte> output = _host.AsSpan(0, _bytes);
        if (!(_type == ElementType.BFloat16 ? FiniteValues.AreAllBFloat16(MemoryMarshal.Cast<byte, ushort>(output)) : FiniteValues.AreAll(MemoryMarshal.Cast<byte, float>(output))))
        {
            FirstPart = Math.Min(FirstPart ?? _part, _part);
        }

        _part = -1;
    }
}
