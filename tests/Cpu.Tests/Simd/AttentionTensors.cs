using Actors.Tensors;
using Actors.Tensors.Operations;

namespace Actors.Cpu.Tests.Simd;

/// <summary>Inputs and outputs of one forward and backward of causal attention.</summary>
internal sealed class AttentionTensors
{
    private readonly Bench _bench;
    private readonly AttentionShape _shape;
    private readonly Tensor[] _inputs;  // q, kv, kRope, dO
    private readonly Tensor[] _outputs; // o, logSumExp, dq, dkv, dkRope

    public AttentionTensors(Bench bench, AttentionShape shape, int rows)
        : this(
            bench, shape, rows,
            [
                bench.Floats(rows, shape.Heads * shape.QueryColumns), bench.Floats(rows, shape.Heads * shape.KeyValueColumns),
                bench.Floats(rows, shape.RopeColumns), bench.Floats(rows, shape.Heads * shape.ValueColumns),
            ])
    {
    }

    private AttentionTensors(Bench bench, AttentionShape shape, int rows, Tensor[] inputs)
    {
        _bench = bench;
        _shape = shape;
        _inputs = inputs;
        _outputs =
        [
            bench.Floats(rows, inputs[3].Columns, gap: 1), bench.Floats(rows, shape.Heads), bench.Floats(rows, inputs[0].Columns),
            bench.Floats(rows, inputs[1].Columns, gap: 2), bench.Floats(rows, inputs[2].Columns),
        ];
    }

    /// <summary>The same inputs' rows, copied elsewhere.</summary>
    public AttentionTensors Part(int start, int count) =>
        new(_bench, _shape, count, Array.ConvertAll(_inputs, input => _bench.Like(input.RowRange(start, count), gap: 1, shift: 5)));

    public void Run(Tensor sequences)
    {
        _bench.Stream.Attention(_inputs[0], _inputs[1], _inputs[2], sequences, _shape, _outputs[0], _outputs[1]);
        _bench.Stream.AttentionBackward(
            _inputs[3], _inputs[0], _inputs[1], _inputs[2], _outputs[0], _outputs[1], sequences, _shape,
            _outputs[2], _outputs[3], _outputs[4]);
    }

    /// <summary>Rows from <paramref name="start"/> on equal those of <paramref name="part"/>.</summary>
    public void AssertBits(int start, AttentionTensors part)
    {
        for (int i = 0; i < _outputs.Length; i++)
        {
            Assert.Equal(Bench.Bits(_outputs[i].RowRange(start, part._outputs[i].Rows)), Bench.Bits(part._outputs[i]));
        }
    }
}
