using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Actors.Cpu.Simd.Products;

/// <summary>
/// Memory that the present thread will read or write soon. Tile kernels ask for it line by line, since the way to memory is idle
/// while they compute. It belongs to a thread, not to a stream, because the caches do. Asking never faults, so a range may
/// outlive its memory.
/// </summary>
internal unsafe struct Upcoming
{
    /// <summary>Ranges that wait behind the present one; where more are named, the oldest give way.</summary>
    public const int Capacity = 16;

    [ThreadStatic]
    private static Owner? _owner;

    private float* _next;
    private float* _end;
    private int _first;
    private int _count;
    private fixed ulong _ranges[2 * Capacity];

    /// <summary>The present thread's; it stays in its place.</summary>
    public static Upcoming* OfThread => (_owner ??= new Owner()).Memory;

    /// <summary>Puts a range behind all that was named so far.</summary>
    public void Add(float* first, nint floats)
    {
        if (_count == Capacity)
        {
            Pop();
        }

        Put((_first + _count) % Capacity, first, first + floats);
        _count++;
    }

    /// <summary>Puts a range before all that was named so far.</summary>
    public void AddFirst(float* first, nint floats)
    {
        if (_next < _end)
        {
            _count = Math.Min(_count, Capacity - 1) + 1;
            _first = (_first + Capacity - 1) % Capacity;
            Put(_first, _next, _end);
        }

        _next = first;
        _end = first + floats;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _next = _end;
        _count = 0;
    }

    /// <summary>
    /// First of <paramref name="lines"/> lines to ask for; null if nothing is left. The last of a range may lie behind its end.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Take(nint lines)
    {
        if (_next >= _end && !Pop())
        {
            return null;
        }

        float* taken = _next;
        _next += lines * CacheLine.Floats;
        return taken;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Pop()
    {
        if (_count == 0)
        {
            return false;
        }

        _next = (float*)_ranges[2 * _first];
        _end = (float*)_ranges[2 * _first + 1];
        _first = (_first + 1) % Capacity;
        _count--;
        return true;
    }

    private void Put(int place, float* first, float* end)
    {
        _ranges[2 * place] = (ulong)first;
        _ranges[2 * place + 1] = (ulong)end;
    }

    /// <summary>Holds the memory, which kernels address, as long as the thread lives.</summary>
    private sealed class Owner
    {
        public readonly Upcoming* Memory = (Upcoming*)NativeMemory.AllocZeroed((nuint)sizeof(Upcoming));

        ~Owner() => NativeMemory.Free(Memory);
    }
}
