using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Actors.LoadTests.Measuring;

/// <summary>
/// How fast this machine copies memory that no cache holds: as many threads as cores, each with two buffers of its own.
/// A byte counts once, when it is written.
/// </summary>
internal sealed unsafe class MemoryCopy : IDisposable
{
    private const int BufferBytes = 64 << 20;
    private readonly nint[] _from;
    private readonly nint[] _to;

    public MemoryCopy(int threads)
    {
        _from = new nint[threads];
        _to = new nint[threads];
        for (int i = 0; i < threads; i++)
        {
            _from[i] = (nint)NativeMemory.AlignedAlloc(BufferBytes, 64);
            _to[i] = (nint)NativeMemory.AlignedAlloc(BufferBytes, 64);
            NativeMemory.Fill((void*)_from[i], BufferBytes, 1);
            NativeMemory.Fill((void*)_to[i], BufferBytes, 2);
        }
    }

    /// <summary>Copies for a time.</summary>
    public CopySpeed Measure(TimeSpan time)
    {
        long[] passes = new long[_from.Length];
        var threads = new Thread[_from.Length];
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < threads.Length; i++)
        {
            int index = i;
            threads[i] = new Thread(() => passes[index] = CopyFor(index, time));
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        double bytes = passes.Sum() * (double)BufferBytes;
        return new CopySpeed(bytes / elapsed.TotalSeconds, bytes / (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }

    public void Dispose()
    {
        for (int i = 0; i < _from.Length; i++)
        {
            NativeMemory.AlignedFree((void*)_from[i]);
            NativeMemory.AlignedFree((void*)_to[i]);
        }
    }

    private long CopyFor(int index, TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        long passes = 0;
        do
        {
            Buffer.MemoryCopy((void*)_from[index], (void*)_to[index], BufferBytes, BufferBytes);
            passes++;
        }
        while (Stopwatch.GetElapsedTime(start) < time);
        return passes;
    }
}
