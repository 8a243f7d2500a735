using System.Runtime.InteropServices;
using Actors.Cpu.Scalar;
using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.Parity.Tests;

/// <summary>Tensors from arrays on one backend, for tests that compute something by hand.</summary>
internal sealed class Workbench(IBackend backend) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public IStream Stream { get; } = backend.CreateStream("workbench");

    public static Workbench Scalar() => new(new ScalarBackend());

    public Tensor Floats(int rows, int columns, params float[] values) =>
        Place(rows, columns, ElementType.Float32, MemoryMarshal.AsBytes<float>(values));

    /// <summary>BFloat16.</summary>
    public Tensor BFloats(int rows, int columns, params ReadOnlySpan<float> values)
    {
        var rounded = new ushort[values.Length];
        for (int i = 0; i < rounded.Length; i++)
        {
            rounded[i] = BFloat16.FromSingle(values[i]);
        }

        return Place(rows, columns, ElementType.BFloat16, MemoryMarshal.AsBytes<ushort>(rounded));
    }

    public Tensor Ints(int rows, int columns, params int[] values) =>
        Place(rows, columns, ElementType.Int32, MemoryMarshal.AsBytes<int>(values));

    /// <summary>E4M3 codes.</summary>
    public Tensor Codes(int rows, int columns, byte[] codes) => Place(rows, columns, ElementType.E4M3, codes);

    /// <summary>Room for rows in E4M3.</summary>
    public QuantizedRows QuantizedRows(int rows, TileCuts cuts) => new(Codes(rows, cuts.Length, new byte[rows * cuts.Length]), Zeros(rows, cuts.Count), cuts);

    /// <summary>Room for one matrix in E4M3.</summary>
    public QuantizedBlocks QuantizedBlocks(TileCuts outputs, int inputs) =>
        new(Codes(outputs.Length, inputs, new byte[outputs.Length * inputs]), Zeros(outputs.Count, TileCuts.Covering(inputs)), 1, outputs);

    /// <summary>Room for transposed rows in E4M3; all codes are <paramref name="fill"/>.</summary>
    public QuantizedTokens QuantizedTokens(int rows, int groups, int columns, byte fill = 0)
    {
        int places = Tensors.Quantized.QuantizedTokens.Places(rows, groups);
        byte[] codes = new byte[columns * places * TileCuts.TileElements];
        Array.Fill(codes, fill);
        return new(Codes(columns, places * TileCuts.TileElements, codes), Zeros(places, columns), rows);
    }

    /// <summary>Float32 zeros.</summary>
    public Tensor Zeros(int rows, int columns) => Floats(rows, columns, new float[rows * columns]);

    public Weight Weight(int groups, int outputs, int inputs, float[] values)
    {
        Weight weight = backend.CreateWeight(groups, outputs, inputs);
        _owned.Add(weight);
        Stream.Copy(Floats(groups * outputs, inputs, values), weight.Values);
        Stream.Prepare(weight);
        return weight;
    }

    public Weight EmptyWeight(int groups, int outputs, int inputs) => backend.CreateWeight(groups, outputs, inputs);

    public float[] Read(Tensor tensor) => Read<float>(tensor);

    public float[] ReadBFloats(Tensor tensor) => Array.ConvertAll(Read<ushort>(tensor), BFloat16.ToSingle);

    public byte[] ReadCodes(Tensor tensor) => Read<byte>(tensor);

    public int[] ReadInts(Tensor tensor) => Read<int>(tensor);

    /// <summary>Σ weights · tensor in float64.</summary>
    public double Dot(Tensor tensor, float[] weights)
    {
        float[] values = Read(tensor);
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += (double)values[i] * weights[i];
        }

        return sum;
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }

        Stream.Dispose();
        backend.Dispose();
    }

    private T[] Read<T>(Tensor tensor)
        where T : unmanaged
    {
        var values = new byte[tensor.Count * tensor.Type.SizeInBytes()];
        Stream.Download(tensor, values);
        using var completion = new StreamEnd();
        Stream.Notify(completion);
        completion.Wait();
        return MemoryMarshal.Cast<byte, T>(values).ToArray();
    }

    private Tensor Place(int rows, int columns, ElementType type, ReadOnlySpan<byte> bytes)
    {
        DeviceBuffer buffer = backend.Allocate(bytes.Length);
        _owned.Add(buffer);
        var tensor = new Tensor(buffer, 0, rows, columns, columns, type);
        Stream.Upload(bytes, tensor);
        return tensor;
    }
}
