using System.Runtime.InteropServices;
using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Numbers;

namespace Actors.Parity.Tests;

/// <summary>
/// One run of an operation on one backend with inputs that depend on the seed only, so that two backends see the same.
/// Host data is handed over by Upload and read by Download, which works for device memory too.
/// </summary>
internal sealed class Trial : IDisposable
{
    private static readonly int[] Sizes = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 24, 31, 32, 33, 48, 63, 64, 65, 80, 100, 130];

    /// <summary>Normal values to draw from: a logarithm and a cosine for each of some millions would take longer than what is tested.</summary>
    private static readonly double[] Normals = DrawNormals();

    private readonly IBackend _backend;
    private readonly List<IDisposable> _owned = [];
    private readonly List<(string Name, Tensor Whole, double Tolerance, double Floor)> _results = [];
    private readonly Random _random;
    private readonly RowsAs _rowsAs;
    private ulong _values;

    public Trial(IBackend backend, int seed, RowsAs rowsAs = RowsAs.Float32)
    {
        _backend = backend;
        _rowsAs = rowsAs;
        _random = new Random(seed);
        _values = (ulong)seed;
        Stream = backend.CreateStream($"trial {seed}");
        _owned.Add(Stream);
    }

    public IStream Stream { get; }

    /// <summary>A size around the widths of vectors and blocks, at most <paramref name="largest"/>.</summary>
    public int Size(int largest = 130)
    {
        int count = Sizes.Count(size => size <= largest);
        return Sizes[_random.Next(count)];
    }

    public int Next(int end) => _random.Next(end);

    public float NextFloat(float least, float end) => least + (end - least) * _random.NextSingle();

    /// <summary>Normal values; half of the tensors are columns of a wider one.</summary>
    public Tensor Floats(int rows, int columns, double scale = 1) => Drawn(rows, columns, scale, ElementType.Float32, rounds: false);

    /// <summary>The same, of rows that a device may store in bfloat16.</summary>
    public Tensor Rows(int rows, int columns, double scale = 1) => Rows(rows, columns, scale, contiguous: false);

    /// <summary>The same, one row after the other or not.</summary>
    public Tensor Rows(int rows, int columns, double scale, bool contiguous) =>
        Drawn(rows, columns, scale, _rowsAs == RowsAs.BFloat16 ? ElementType.BFloat16 : ElementType.Float32, rounds: true, contiguous);

    /// <summary>The same, of rows that are float32 and that an operation rounds which takes them beside bfloat16.</summary>
    public Tensor FloatOperand(int rows, int columns) => Drawn(rows, columns, 1, ElementType.Float32, rounds: _rowsAs == RowsAs.Rounded);

    /// <summary>Normal values, one row after the other.</summary>
    public Tensor ContiguousFloats(int rows, int columns, double scale = 1)
    {
        var values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(scale * Normal());
        }

        Tensor tensor = Place(rows, columns, ElementType.Float32, contiguous: true).View;
        Stream.Upload(MemoryMarshal.AsBytes<float>(values), tensor);
        return tensor;
    }

    /// <summary>Positive values around 1.</summary>
    public Tensor Positive(int rows, int columns)
    {
        var values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = NextFloat(0.5f, 1.5f);
        }

        Tensor tensor = Place(rows, columns, ElementType.Float32, contiguous: true).View;
        Stream.Upload(MemoryMarshal.AsBytes<float>(values), tensor);
        return tensor;
    }

    /// <summary>Numbers in one row.</summary>
    public Tensor Numbers(ReadOnlySpan<float> values)
    {
        Tensor tensor = Place(1, values.Length, ElementType.Float32, contiguous: true).View;
        Stream.Upload(MemoryMarshal.AsBytes(values), tensor);
        return tensor;
    }

    public void Shuffle(Span<float> values) => _random.Shuffle(values);

    /// <summary>Multiples of a step, from <paramref name="least"/> to <paramref name="end"/> − 1 times: many are equal.</summary>
    public Tensor Steps(int rows, int columns, int least, int end, float step)
    {
        var values = new float[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _random.Next(least, end) * step;
        }

        Tensor tensor = Place(rows, columns, ElementType.Float32, contiguous: true).View;
        Stream.Upload(MemoryMarshal.AsBytes<float>(values), tensor);
        return tensor;
    }

    /// <summary>Any bytes but those of a bfloat16 infinity or NaN.</summary>
    public Tensor BFloats(int rows, int columns)
    {
        var values = new ushort[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (ushort)(BitConverter.SingleToUInt32Bits((float)Normal()) >> 16);
        }

        Tensor tensor = Place(rows, columns, ElementType.BFloat16, contiguous: true).View;
        Stream.Upload(MemoryMarshal.AsBytes<ushort>(values), tensor);
        return tensor;
    }

    /// <summary>Positive values around 1, of bfloat16.</summary>
    public Tensor PositiveBFloats(int rows, int columns)
    {
        var values = new ushort[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BFloat16.FromSingle(NextFloat(0.5f, 1.5f));
        }

        Tensor tensor = Place(rows, columns, ElementType.BFloat16, contiguous: true).View;
        Stream.Upload(MemoryMarshal.AsBytes<ushort>(values), tensor);
        return tensor;
    }

    /// <summary>E4M3 codes of numbers; half of the tensors are columns of a wider one.</summary>
    public Tensor Codes(int rows, int columns)
    {
        (Tensor whole, Tensor view) = Place(rows, columns, ElementType.E4M3, contiguous: false);
        var codes = new byte[whole.Count];
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = E4M3.FromSingleSaturating((float)(150 * Normal()));
        }

        Stream.Upload(codes, whole);
        return view;
    }

    public Tensor Ints(int rows, int columns, ReadOnlySpan<int> values)
    {
        Tensor tensor = Place(rows, columns, ElementType.Int32, contiguous: true).View;
        Stream.Upload(MemoryMarshal.AsBytes(values), tensor);
        return tensor;
    }

    /// <summary>Integers from <paramref name="least"/> to <paramref name="end"/> − 1.</summary>
    public Tensor Indices(int rows, int columns, int least, int end)
    {
        var values = new int[rows * columns];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _random.Next(least, end);
        }

        return Ints(rows, columns, values);
    }

    /// <summary>
    /// Different experts a row, some of them −1 for another rank's: any, or <paramref name="kind"/> 1: the first expert takes a choice of every row and
    /// the others none, 2: no row has one here.
    /// </summary>
    public int[] Choices(int rows, int choices, int experts, int kind)
    {
        var chosen = new int[rows * choices];
        Array.Fill(chosen, -1);
        var all = Enumerable.Range(0, experts).ToArray();
        for (int row = 0; row < rows && kind != 2; row++)
        {
            if (kind == 1)
            {
                chosen[(row * choices) + _random.Next(choices)] = 0;
                continue;
            }

            _random.Shuffle(all);
            for (int k = 0; k < choices; k++)
            {
                chosen[(row * choices) + k] = _random.Next(4) == 0 ? -1 : all[k];
            }
        }

        return chosen;
    }

    /// <summary>Ascending from 0 to <paramref name="rows"/>; parts may be empty.</summary>
    public Tensor Offsets(int parts, int rows)
    {
        var values = new int[parts + 1];
        for (int i = 1; i < parts; i++)
        {
            values[i] = _random.Next(rows + 1);
        }

        values[parts] = rows;
        Array.Sort(values);
        return Ints(1, parts + 1, values);
    }

    /// <summary>Flags of one rank.</summary>
    /// <param name="tokens">Most tokens of an exchange.</param>
    public ExchangeFlags Flags(int tokens)
    {
        ExchangeFlags flags = _backend.CreateFlags([_backend], tokens, TimeSpan.FromSeconds(20));
        _owned.Add(flags);
        return flags;
    }

    /// <summary>Matrices as products read them.</summary>
    public Weight Weight(int groups, int outputs, int inputs) => Stored(Masters(groups, outputs, inputs));

    /// <summary>Matrices whose values are compared, or change; products take what <see cref="Stored(Weight)"/> makes of them.</summary>
    public Weight Masters(int groups, int outputs, int inputs) => Prepared(groups, outputs, inputs, ContiguousFloats(groups * outputs, inputs));

    /// <summary>What products read of masters where rows are as in this trial.</summary>
    public Weight Stored(Weight masters) =>
        _rowsAs == RowsAs.Rounded ? Prepared(masters.Groups, masters.Outputs, masters.Inputs, Stored(masters.Values)) : masters;

    /// <summary>What an operation finds of rows that the one before has computed.</summary>
    public Tensor Stored(Tensor rows)
    {
        if (_rowsAs != RowsAs.Rounded)
        {
            return rows;
        }

        Tensor stored = Place(rows.Rows, rows.Columns, ElementType.Float32, contiguous: true).View;
        Stream.Copy(rows, stored);
        float[] values = Values(stored);
        BFloat16.Round(values, values);
        Stream.Upload(MemoryMarshal.AsBytes<float>(values), stored);
        return stored;
    }

    /// <summary>Random contents that the operation must overwrite, compared afterwards.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="tolerance">Relative in L2.</param>
    /// <param name="floor">A norm below this counts as this: where differences of large terms may vanish.</param>
    public Tensor Output(string name, int rows, int columns, double tolerance, double floor = 0)
    {
        Tensor tensor = Floats(rows, columns);
        Compare(name, tensor, tolerance, floor);
        return tensor;
    }

    /// <inheritdoc cref="Output(string, int, int, double, double)"/>
    public Tensor OutputRows(string name, int rows, int columns, double tolerance, double floor = 0)
    {
        Tensor tensor = Rows(rows, columns);
        Compare(name, tensor, tolerance, floor);
        return tensor;
    }

    public Tensor Output(string name, int rows, int columns, ElementType type, double tolerance = 0)
    {
        Tensor tensor = Place(rows, columns, type, contiguous: true).View;
        Compare(name, tensor, tolerance);
        return tensor;
    }

    /// <summary>Adds an output: all of the memory that it views part of, so that a write beside it shows as well.</summary>
    public void Compare(string name, Tensor tensor, double tolerance, double floor = 0)
    {
        int count = (int)(tensor.Buffer.Bytes / tensor.Type.SizeInBytes());
        _results.Add((name, new Tensor(tensor.Buffer, 0, 1, count, count, tensor.Type), tolerance, floor));
    }

    /// <summary>Waits for the stream and reads the outputs.</summary>
    public List<TrialResult> Results()
    {
        var results = new List<TrialResult>();
        foreach ((string name, Tensor whole, double tolerance, double floor) in _results)
        {
            results.Add(new TrialResult(name, whole.Type, Read(whole), tolerance, floor));
        }

        return results;
    }

    /// <summary>Waits for the stream and reads a contiguous float32 tensor.</summary>
    public float[] Values(Tensor tensor) => MemoryMarshal.Cast<byte, float>(Read(tensor)).ToArray();

    public void Dispose()
    {
        for (int i = _owned.Count - 1; i >= 0; i--)
        {
            _owned[i].Dispose();
        }
    }

    private Tensor Drawn(int rows, int columns, double scale, ElementType type, bool rounds, bool contiguous = false)
    {
        (Tensor whole, Tensor view) = Place(rows, columns, type, contiguous);
        var values = new float[whole.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(scale * Normal());
        }

        if (type == ElementType.BFloat16)
        {
            var codes = new ushort[values.Length];
            BFloat16.FromSingle(values, codes);
            Stream.Upload(MemoryMarshal.AsBytes<ushort>(codes), whole);
            return view;
        }

        if (rounds && _rowsAs != RowsAs.Float32)
        {
            BFloat16.Round(values, values);
        }

        Stream.Upload(MemoryMarshal.AsBytes<float>(values), whole);
        return view;
    }

    private Weight Prepared(int groups, int outputs, int inputs, Tensor values)
    {
        Weight weight = _backend.CreateWeight(groups, outputs, inputs);
        _owned.Add(weight);
        Stream.Copy(values, weight.Values);
        Stream.Prepare(weight);
        return weight;
    }

    private byte[] Read(Tensor tensor)
    {
        var bytes = new byte[tensor.Count * tensor.Type.SizeInBytes()];
        using var completion = new StreamEnd();
        Stream.Download(tensor, bytes);
        Stream.Notify(completion);
        completion.Wait();
        return bytes;
    }

    private (Tensor Whole, Tensor View) Place(int rows, int columns, ElementType type, bool contiguous)
    {
        int padding = contiguous || _random.Next(2) == 0 ? 0 : _random.Next(1, 20);
        int before = padding == 0 ? 0 : _random.Next(padding);
        int width = columns + padding;
        DeviceBuffer buffer = _backend.Allocate((long)rows * width * type.SizeInBytes());
        _owned.Add(buffer);
        var whole = new Tensor(buffer, 0, rows, width, width, type);
        return (whole, whole.ColumnRange(before, columns));
    }

    private double Normal() => Normals[SplitMix64.Next(ref _values) & ((ulong)Normals.Length - 1)];

    private static double[] DrawNormals()
    {
        var normals = new double[1 << 16];
        ulong state = 1;
        for (int i = 0; i < normals.Length; i++)
        {
            normals[i] = Math.Sqrt(-2 * Math.Log(1 - SplitMix64.NextUniform(ref state))) * Math.Cos(2 * Math.PI * SplitMix64.NextUniform(ref state));
        }

        return normals;
    }
}
