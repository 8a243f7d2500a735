using System.Runtime.InteropServices;
using Actors.Gpu.Compiling;
using Actors.Gpu.Devices;
using Actors.Gpu.Driver;
using Actors.Gpu.Operations;
using Actors.LoadTests.Measuring;
using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.LoadTests.Gpu;

/// <summary>A GPU with its kernels, and memory of one scenario that is filled from one seed.</summary>
internal sealed class GpuBench : IDisposable
{
    private const int Rounds = 9, CallsPerRound = 20;
    private readonly List<IDisposable> _owned = [];
    private readonly Random _random = new(7);

    public GpuBench(GpuDevice device)
    {
        Context = new CudaContext(device);
        Queue = new CudaQueue(Context);
        Library = new KernelLibrary(Context, CubinStore.Of(KernelTarget.Of(device.Architecture)));
    }

    public CudaContext Context { get; }

    public CudaQueue Queue { get; }

    public KernelLibrary Library { get; }

    /// <summary>Memory with a pattern in it that is no number: what is not written shows.</summary>
    public DeviceMemory Poisoned(long bytes) => Filled(bytes, 0xFF);

    /// <summary>Memory with one byte in all places.</summary>
    public DeviceMemory Filled(long bytes, byte value)
    {
        var memory = new DeviceMemory(Context, bytes);
        _owned.Add(memory);
        Queue.Fill(memory.Address, value, bytes);
        return memory;
    }

    /// <summary>A number as a type stores it.</summary>
    public static float Stored(float number, ElementType type) =>
        type == ElementType.Float32 ? number : BFloat16.ToSingle(BFloat16.FromSingle(number));

    /// <summary>Random numbers below <paramref name="scale"/> / 2, on the host as the type stores them.</summary>
    public float[] Numbers(int count, ElementType type, double scale)
    {
        var numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = Stored((float)((_random.NextDouble() - 0.5) * scale), type);
        }

        return numbers;
    }

    /// <summary>Copies numbers to the GPU.</summary>
    public DeviceMemory Upload(ReadOnlySpan<float> numbers, ElementType type)
    {
        int bytes = numbers.Length * type.SizeInBytes();
        using var pinned = new PinnedMemory(Context, bytes);
        if (type == ElementType.Float32)
        {
            MemoryMarshal.AsBytes(numbers).CopyTo(pinned.Span);
        }
        else
        {
            BFloat16.FromSingle(numbers, MemoryMarshal.Cast<byte, ushort>(pinned.Span));
        }

        DeviceMemory memory = Poisoned(bytes);
        Queue.Copy(memory.Address, pinned.Address, bytes);
        Queue.Drain();
        return memory;
    }

    /// <summary>Copies whole numbers to the GPU.</summary>
    public DeviceMemory Upload(ReadOnlySpan<int> numbers) => Upload(MemoryMarshal.Cast<int, float>(numbers), ElementType.Float32);

    /// <summary>Rows in memory, one after the other, as operations take them.</summary>
    public static Tensor Rows(nuint address, int rows, int columns, ElementType type) =>
        new(new BorrowedBuffer(address, (long)rows * columns * type.SizeInBytes()), 0, rows, columns, columns, type);

    /// <summary>Copies all numbers back.</summary>
    public float[] Download(DeviceMemory memory, ElementType type) => Download(memory, type, 0, checked((int)(memory.Bytes / type.SizeInBytes())));

    /// <summary>Copies numbers back.</summary>
    public float[] Download(DeviceMemory memory, ElementType type, long first, int count)
    {
        int bytes = checked(count * type.SizeInBytes());
        using var pinned = new PinnedMemory(Context, bytes);
        Queue.Copy(pinned.Address, memory.Address + (nuint)(first * type.SizeInBytes()), bytes);
        Queue.Drain();
        var numbers = new float[count];
        if (type == ElementType.Float32)
        {
            MemoryMarshal.Cast<byte, float>(pinned.Span).CopyTo(numbers);
        }
        else
        {
            BFloat16.ToSingle(MemoryMarshal.Cast<byte, ushort>(pinned.Span), numbers);
        }

        return numbers;
    }

    /// <summary>Seconds of a call by the GPU's clock: a round is several calls between two marks, after one round that is not counted.</summary>
    public Spread Time(Action enqueue)
    {
        using CudaMark begin = new(Context), end = new(Context);
        var seconds = new double[Rounds];
        for (int round = -1; round < Rounds; round++)
        {
            Queue.Record(begin);
            for (int call = 0; call < CallsPerRound; call++)
            {
                enqueue();
            }

            Queue.Record(end);
            Queue.Drain();
            if (round >= 0)
            {
                seconds[round] = end.SecondsSince(begin) / CallsPerRound;
            }
        }

        return Spread.Of(seconds);
    }

    /// <summary>Frees the memory made so far.</summary>
    public void Clear()
    {
        _owned.ForEach(owned => owned.Dispose());
        _owned.Clear();
    }

    public void Dispose()
    {
        Clear();
        Library.Dispose();
        Queue.Dispose();
        Context.Dispose();
    }

    /// <summary>Memory that another owns.</summary>
    private sealed class BorrowedBuffer(nuint address, long bytes) : DeviceBuffer((nint)address, bytes, isHost: false)
    {
        protected override void Dispose(bool disposing)
        {
        }
    }
}
