using Actors.Model.Checkpoint;
using Actors.Tensors;
using Actors.Tensors.Quantized;
using Actors.Tests.Support.Reference;

namespace Actors.Parity.Tests;

/// <summary>
/// Codes, scales and products are those of PyTorch's casts (bench/fp8_reference.py makes the files): codes and scales to the bit. The file with products is not in the
/// repository; a part of it without them is.
/// </summary>
public sealed class QuantizedReference
{
    /// <summary>The error measure of a product of E4M3, by DeepGEMM's tests, where the largest value of a tile is the largest code.</summary>
    private const double MostError = 1e-3;

    /// <summary>
    /// Where a tile's largest value may be anywhere between two powers of two, so may all be: a rounding error is uniform within a last place, 2⁻³ of the power
    /// of two below, so its square is 2⁻⁶ / 12 of the value's at most, and the measure half of the sum for both operands. The reference has as much: 1.24e-3.
    /// </summary>
    private const double MostErrorOfPowersOfTwo = 1.0 / 768;

    [Theory]
    [ReferenceData("fp8_part.safetensors", "part", ScaleKind.Float32)]
    [ReferenceData("fp8_part.safetensors", "part", ScaleKind.PowerOfTwo)]
    [ReferenceData("fp8.safetensors", "small", ScaleKind.Float32)]
    [ReferenceData("fp8.safetensors", "small", ScaleKind.PowerOfTwo)]
    [ReferenceData("fp8.safetensors", "odd", ScaleKind.Float32)]
    [ReferenceData("fp8.safetensors", "odd", ScaleKind.PowerOfTwo)]
    [ReferenceData("fp8.safetensors", "wide", ScaleKind.Float32)]
    [ReferenceData("fp8.safetensors", "wide", ScaleKind.PowerOfTwo)]
    public void Codes_and_scales_are_the_reference_s(string file, string name, ScaleKind kind)
    {
        using SafetensorsFile reference = Open(file);
        foreach (string backend in Backends.Names)
        {
            using var bench = new Workbench(Backends.Create(backend));
            QuantizedRows x = Rows(bench, reference, name, kind);
            QuantizedBlocks w = Blocks(bench, reference, name, kind);
            string end = End(kind);
            Assert.Equal(Codes(reference, $"{name}.qx{end}"), bench.ReadCodes(x.Codes));
            Assert.Equal(reference.ReadFloats($"{name}.sx{end}"), bench.Read(x.Scales));
            Assert.Equal(Codes(reference, $"{name}.qw{end}"), bench.ReadCodes(w.Codes));
            Assert.Equal(reference.ReadFloats($"{name}.sw{end}"), bench.Read(w.Scales));
        }
    }

    [Theory]
    [ReferenceData("fp8.safetensors", "small", ScaleKind.Float32)]
    [ReferenceData("fp8.safetensors", "small", ScaleKind.PowerOfTwo)]
    [ReferenceData("fp8.safetensors", "odd", ScaleKind.Float32)]
    [ReferenceData("fp8.safetensors", "odd", ScaleKind.PowerOfTwo)]
    [ReferenceData("fp8.safetensors", "wide", ScaleKind.Float32)]
    [ReferenceData("fp8.safetensors", "wide", ScaleKind.PowerOfTwo)]
    public void Products_are_the_reference_s_but_for_the_order_of_sums(string file, string name, ScaleKind kind)
    {
        using SafetensorsFile reference = Open(file);
        float[] expected = reference.ReadFloats($"{name}.product{End(kind)}"), exact = reference.ReadFloats($"{name}.exact");
        foreach (string backend in Backends.Names)
        {
            using var bench = new Workbench(Backends.Create(backend));
            QuantizedRows x = Rows(bench, reference, name, kind);
            QuantizedBlocks w = Blocks(bench, reference, name, kind);
            Tensor y = bench.Zeros(x.Codes.Rows, w.Outputs);
            bench.Stream.QuantizedLinear(x, w, y);

            // Codes and scales are equal, and products of codes exact: what differs is the order within a tile, 128 additions, and two roundings of scales.
            Assert.InRange(Distance.Relative(bench.Read(y), expected), 0, Tolerance.Product(TileCuts.TileElements));
            Assert.InRange(QuantizationError.Of(bench.Read(y), exact), 0, kind == ScaleKind.PowerOfTwo ? MostErrorOfPowersOfTwo : MostError);
        }
    }

    private static SafetensorsFile Open(string file) => SafetensorsFile.Open(ReferenceCase.FindFolder(file)!);

    private static string End(ScaleKind kind) => kind == ScaleKind.PowerOfTwo ? ".p2" : "";

    private static byte[] Codes(SafetensorsFile reference, string name) => Array.ConvertAll(reference.ReadLongs(name), code => (byte)code);

    private static Tensor Floats(Workbench bench, SafetensorsFile reference, string name)
    {
        IReadOnlyList<long> shape = reference.Find(name).Shape;
        return bench.Floats((int)shape[0], (int)shape[1], reference.ReadFloats(name));
    }

    private static QuantizedRows Rows(Workbench bench, SafetensorsFile reference, string name, ScaleKind kind)
    {
        Tensor x = Floats(bench, reference, $"{name}.x");
        QuantizedRows rows = bench.QuantizedRows(x.Rows, new TileCuts(x.Columns));
        bench.Stream.QuantizeRows(x, rows, kind);
        return rows;
    }

    private static QuantizedBlocks Blocks(Workbench bench, SafetensorsFile reference, string name, ScaleKind kind)
    {
        Tensor w = Floats(bench, reference, $"{name}.w");
        QuantizedBlocks blocks = bench.QuantizedBlocks(new TileCuts(w.Rows), w.Columns);
        bench.Stream.QuantizeBlocks(w, blocks, kind);
        return blocks;
    }
}
