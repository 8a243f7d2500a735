using Actors.Cpu;
using Actors.Cpu.Scalar;
using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Parity.Tests;

/// <summary>The two orders in which products of E4M3 are summed.</summary>
public sealed class QuantizedOrders
{
    private const int Rows = 200, Outputs = 256, Inputs = 384;

    [Theory]
    [InlineData("QuantizedLinear, large")]
    [InlineData("QuantizedLinearBackwardInput, large")]
    [InlineData("QuantizedLinearBackwardWeight, large")]
    public void Vectors_sum_in_the_order_of_the_contract(string operation)
    {
        for (int seed = 0; seed < OperationParity.SeedsOf(operation); seed++)
        {
            using var scalar = new ScalarBackend();
            using var vectors = new CpuBackend();
            Assert.Equal(OperationParity.Run(scalar, operation, seed)[0].Bytes, OperationParity.Run(vectors, operation, seed)[0].Bytes);
        }
    }

    [CudaFact]
    public void A_GPU_sums_in_the_order_of_the_contract_or_as_tensor_cores_do()
    {
        var codes = new Codes(seed: 1);
        using var scalar = new Workbench(new ScalarBackend());
        using var gpu = new Workbench(Backends.Create(Backends.Gpu));
        Products contract = codes.Multiply(scalar), found = codes.Multiply(gpu), cores = codes.AsTensorCoresDo();
        AssertEither(contract.Forward, cores.Forward, found.Forward);
        AssertEither(contract.BackwardInput, cores.BackwardInput, found.BackwardInput);
        AssertEither(contract.BackwardWeight, cores.BackwardWeight, found.BackwardWeight);
    }

    private static void AssertEither(float[] contract, float[] cores, float[] found)
    {
        int ofContract = contract.Where((value, i) => value == found[i]).Count(), ofCores = cores.Where((value, i) => value == found[i]).Count();
        Assert.True(
            ofContract == found.Length || ofCores == found.Length,
            $"Of {found.Length} sums {ofContract} are those of the contract's order and {ofCores} those of tensor cores; expected all of one.");
    }

    private sealed record Products(float[] Forward, float[] BackwardInput, float[] BackwardWeight);

    /// <summary>Operands that tensor cores take: large, and aligned.</summary>
    private sealed class Codes
    {
        private const int Places = (Rows / TileCuts.TileElements) + 1, Tokens = Places * TileCuts.TileElements;
        private readonly byte[] _x, _dy, _w, _transposed, _xTokens, _dyTokens;
        private readonly float[] _xScales, _dyScales, _wScales, _xTokenScales, _dyTokenScales;
        private readonly Random _random;

        public Codes(int seed)
        {
            _random = new Random(seed);
            (_x, _dy, _w, _xTokens, _dyTokens) = (Draw(Rows, Inputs), Draw(Rows, Outputs), Draw(Outputs, Inputs), Draw(Inputs, Tokens), Draw(Outputs, Tokens));
            _transposed = new byte[_w.Length];
            for (int i = 0; i < _w.Length; i++)
            {
                _transposed[(i % Inputs * Outputs) + (i / Inputs)] = _w[i];
            }

            for (int row = 0; row < Inputs; row++)
            {
                _xTokens.AsSpan((row * Tokens) + Rows, Tokens - Rows).Clear();
            }

            for (int row = 0; row < Outputs; row++)
            {
                _dyTokens.AsSpan((row * Tokens) + Rows, Tokens - Rows).Clear();
            }

            _xScales = Scales(Rows * TileCuts.Covering(Inputs));
            _dyScales = Scales(Rows * TileCuts.Covering(Outputs));
            _wScales = Scales(TileCuts.Covering(Outputs) * TileCuts.Covering(Inputs));
            (_xTokenScales, _dyTokenScales) = (Scales(Places * Inputs), Scales(Places * Outputs));
        }

        public Products Multiply(Workbench bench)
        {
            TileCuts inputs = new(Inputs), outputs = new(Outputs);
            var x = new QuantizedRows(bench.Codes(Rows, Inputs, _x), bench.Floats(Rows, inputs.Count, _xScales), inputs);
            var dy = new QuantizedRows(bench.Codes(Rows, Outputs, _dy), bench.Floats(Rows, outputs.Count, _dyScales), outputs);
            var w = new QuantizedBlocks(
                bench.Codes(Outputs, Inputs, _w), bench.Floats(outputs.Count, inputs.Count, _wScales), 1, outputs, bench.Codes(Inputs, Outputs, _transposed));
            var xTokens = new QuantizedTokens(bench.Codes(Inputs, Tokens, _xTokens), bench.Floats(Places, Inputs, _xTokenScales), Rows);
            var dyTokens = new QuantizedTokens(bench.Codes(Outputs, Tokens, _dyTokens), bench.Floats(Places, Outputs, _dyTokenScales), Rows);
            Tensor y = bench.Zeros(Rows, Outputs), dx = bench.Zeros(Rows, Inputs), dWeight = bench.Zeros(Outputs, Inputs);
            bench.Stream.QuantizedLinear(x, w, y);
            bench.Stream.QuantizedLinearBackwardInput(dy, w, dx);
            bench.Stream.QuantizedLinearBackwardWeight(dyTokens, xTokens, dWeight, accumulate: false);
            return new Products(bench.Read(y), bench.Read(dx), bench.Read(dWeight));
        }

        public Products AsTensorCoresDo()
        {
            int inputs = TileCuts.Covering(Inputs), outputs = TileCuts.Covering(Outputs);
            return new Products(
                Sum(_x, _w, Rows, Outputs, Inputs, (row, tile) => _xScales[(row * inputs) + tile], (column, tile) => _wScales[(column / 128 * inputs) + tile]),
                Sum(_dy, _transposed, Rows, Inputs, Outputs, (row, tile) => _dyScales[(row * outputs) + tile], (column, tile) => _wScales[(tile * inputs) + (column / 128)]),
                Sum(
                    _dyTokens, _xTokens, Outputs, Inputs, Tokens, (row, tile) => _dyTokenScales[(tile * Outputs) + row],
                    (column, tile) => _xTokenScales[(tile * Inputs) + column]));
        }

        private static float[] Sum(
            byte[] left, byte[] right, int rows, int columns, int depth, Func<int, int, float> leftScale, Func<int, int, float> rightScale)
        {
            var sums = new float[rows * columns];
            for (int i = 0; i < sums.Length; i++)
            {
                int row = i / columns, column = i % columns;
                for (int tile = 0; tile < depth / 128; tile++)
                {
                    float part = HopperSum.OfTile(left.AsSpan((row * depth) + (tile * 128), 128), right.AsSpan((column * depth) + (tile * 128), 128));
                    sums[i] = MathF.FusedMultiplyAdd(part, leftScale(row, tile) * rightScale(column, tile), sums[i]);
                }
            }

            return sums;
        }

        private byte[] Draw(int rows, int columns)
        {
            var codes = new byte[rows * columns];
            for (int i = 0; i < codes.Length; i++)
            {
                // Of all magnitudes alike, so that much lies below what an alignment keeps.
                codes[i] = (byte)(_random.Next(2) == 0 ? _random.Next(0x7F) : 0x80 + _random.Next(0x7F));
            }

            return codes;
        }

        private float[] Scales(int count) => [.. Enumerable.Range(0, count).Select(_ => 0.5f + _random.NextSingle())];
    }
}
