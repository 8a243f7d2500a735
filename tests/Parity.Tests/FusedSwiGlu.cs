using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Quantized;

namespace Actors.Parity.Tests;

/// <summary>On a GPU a SwiGLU in one go with quantization has the bits of one operation after the other.</summary>
public sealed class FusedSwiGlu
{
    private const int Rows = 37, Live = 29;

    // Part of a tile, tiles and a part, a warp's most columns, a block's, more than a block has at once; half a pack of bfloat16, and what no lane moves at once.
    private static readonly int[] Inners = [8, 128, 136, 384, 1024, 1032, 2048, 2560, 4, 130];

    [CudaFact]
    public void The_forward_has_the_bits_of_one_after_the_other() => Compare(static (stream, t) =>
    {
        stream.SwiGluCodes(t.GateUp, t.Activated, t.GateUpCodes, t.ActivatedCodes, t.Count);
        return [t.GateUpCodes.Codes, t.GateUpCodes.Scales, t.ActivatedCodes.Codes, t.ActivatedCodes.Scales];
    }, static (stream, t) => IFusedQuantizedOperations.SwiGluCodesInTurn(stream, t.GateUp, t.Activated, t.GateUpCodes, t.ActivatedCodes, t.Count));

    [CudaFact]
    public void The_forward_without_codes_of_gate_and_up_has_the_bits_of_one_after_the_other() => Compare(static (stream, t) =>
    {
        stream.SwiGluCodes(t.GateUp, t.Activated, default, t.ActivatedCodes, t.Count);
        return [t.GateUpCodes.Codes, t.ActivatedCodes.Codes, t.ActivatedCodes.Scales];
    }, static (stream, t) => IFusedQuantizedOperations.SwiGluCodesInTurn(stream, t.GateUp, t.Activated, default, t.ActivatedCodes, t.Count));

    [CudaFact]
    public void The_backward_has_the_bits_of_one_after_the_other() => Compare(static (stream, t) =>
    {
        stream.SwiGluBackwardCodes(t.Saved, t.Activated, default, t.GateUp, t.GateUpCodes, default, t.Count);
        return [t.Activated, t.GateUp, t.GateUpCodes.Codes, t.GateUpCodes.Scales];
    }, static (stream, t) => IFusedQuantizedOperations.SwiGluBackwardCodesInTurn(stream, t.Saved, t.Activated, default, t.GateUp, t.GateUpCodes, default, t.Count));

    [CudaFact]
    public void The_weighted_backward_has_the_bits_of_one_after_the_other() => Compare(static (stream, t) =>
    {
        stream.SwiGluBackwardCodes(t.Saved, t.Activated, t.Weights, t.GateUp, t.GateUpCodes, t.WeightGradients, t.Count);
        return [t.Activated, t.GateUp, t.GateUpCodes.Codes, t.GateUpCodes.Scales, t.WeightGradients];
    }, static (stream, t) => IFusedQuantizedOperations.SwiGluBackwardCodesInTurn(
        stream, t.Saved, t.Activated, t.Weights, t.GateUp, t.GateUpCodes, t.WeightGradients, t.Count));

    private static void Compare(Func<IStream, Operands, Tensor[]> fused, Action<IStream, Operands> inTurn)
    {
        foreach (int inner in Inners)
        {
            foreach (bool isRounded in (ReadOnlySpan<bool>)[false, true])
            {
                foreach (bool isLive in (ReadOnlySpan<bool>)[false, true])
                {
                    using var bench = new Workbench(Backends.Create(Backends.Gpu));
                    Operands first = Operands.Make(bench, inner, isRounded, isLive), second = Operands.Make(bench, inner, isRounded, isLive);
                    Tensor[] found = fused(bench.Stream, first);
                    inTurn(bench.Stream, second);
                    foreach (Tensor tensor in found)
                    {
                        // An output of the other set: it lies where this one does in its own.
                        Tensor expected = second.All[Array.IndexOf(first.All, tensor)];
                        Assert.True(
                            bench.ReadCodes(expected).AsSpan().SequenceEqual(bench.ReadCodes(tensor)),
                            $"F = {inner}, {first.GateUp.Type}, live: {isLive}: output {tensor} differs.");
                    }
                }
            }
        }
    }

    private sealed record Operands(
        Tensor GateUp, Tensor Activated, QuantizedRows Saved, QuantizedRows GateUpCodes, QuantizedRows ActivatedCodes, Tensor Weights, Tensor WeightGradients,
        Tensor Count)
    {
        public Tensor[] All => [GateUp, Activated, GateUpCodes.Codes, GateUpCodes.Scales, ActivatedCodes.Codes, ActivatedCodes.Scales, WeightGradients];

        /// <summary>The same numbers every time; one row has a NaN, and one is zero.</summary>
        public static Operands Make(Workbench bench, int inner, bool isRounded, bool isLive)
        {
            var random = new Random(inner);
            float[] gateUp = Normal(random, Rows * 2 * inner), gradients = Normal(random, Rows * inner);
            gateUp[(3 * 2 * inner) + 1] = float.NaN;
            gateUp.AsSpan(5 * 2 * inner, 2 * inner).Clear();
            var cuts = new TileCuts(2 * inner, inner);
            QuantizedRows saved = bench.QuantizedRows(Rows, cuts);
            bench.Stream.QuantizeRows(bench.Floats(Rows, 2 * inner, gateUp), saved, ScaleKind.Float32);
            return new Operands(
                Place(bench, 2 * inner, gateUp, isRounded), Place(bench, inner, gradients, isRounded), saved, bench.QuantizedRows(Rows, cuts),
                bench.QuantizedRows(Rows, new TileCuts(inner)), bench.Floats(1, Rows, Normal(random, Rows)), bench.Zeros(1, Rows),
                isLive ? bench.Ints(1, 1, Live) : default);
        }

        private static Tensor Place(Workbench bench, int columns, float[] values, bool isRounded) =>
            isRounded ? bench.BFloats(Rows, columns, values) : bench.Floats(Rows, columns, values);

        private static float[] Normal(Random random, int count) =>
            [.. Enumerable.Range(0, count).Select(_ => (float)(3 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }
}
