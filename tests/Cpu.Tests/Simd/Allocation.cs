using Actors.Tensors;
using Actors.Tensors.Operations;
using Actors.Tensors.Quantized;

namespace Actors.Cpu.Tests.Simd;

/// <summary>No operation allocates managed memory, nor scratch memory once it has grown.</summary>
public sealed class Allocation : IStreamCompletion
{
    private int _completed;

    [Fact]
    public void No_operation_allocates()
    {
        using var bench = new Bench();
        Action[] operations = [.. Products(bench), .. Rows(bench), .. Attentions(bench), .. Tokens(bench), .. Quantized(bench)];
        foreach (Action operation in operations)
        {
            operation();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (Action operation in operations)
        {
            operation();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2, _completed);
    }

    void IStreamCompletion.Completed(Exception? failure) => _completed += failure is null ? 1 : 0;

    private static IEnumerable<Action> Products(Bench bench)
    {
        IStream stream = bench.Stream;
        Tensor x = bench.Floats(20, 70), dy = bench.Floats(20, 45), dw = bench.Floats(45, 70), grouped = bench.Floats(90, 70);
        Tensor offsets = bench.Ints(0, 3, 20);
        Weight one = bench.Weight(1, 45, 70), two = bench.Weight(2, 45, 70);
        yield return () => stream.Prepare(one);
        yield return () => stream.Expect(x);
        yield return () => stream.ExpectLinear(one);
        yield return () => stream.ExpectLinearBackwardInput(one);
        yield return () => stream.Linear(x, one, dy, dy);
        yield return () => stream.LinearBackwardInput(dy, one, x);
        yield return () => stream.LinearBackwardWeight(dy, x, dw);
        yield return () => stream.GroupedLinear(x, offsets, two, dy);
        yield return () => stream.GroupedLinearBackwardInput(dy, offsets, two, x);
        yield return () => stream.GroupedLinearBackwardWeight(dy, x, offsets, grouped);
    }

    private static IEnumerable<Action> Quantized(Bench bench)
    {
        IStream stream = bench.Stream;
        Tensor x = bench.Floats(20, 140), y = bench.Floats(20, 140), dw = bench.Floats(280, 140), offsets = bench.Ints(0, 3, 20);
        var rows = new QuantizedRows(bench.Make(20, 140, ElementType.E4M3), bench.Floats(20, 2), new TileCuts(140));
        var blocks = new QuantizedBlocks(bench.Make(280, 140, ElementType.E4M3), bench.Floats(4, 2), 2, new TileCuts(140));
        var tokens = new QuantizedTokens(bench.Make(140, 256, ElementType.E4M3), bench.Floats(2, 140), 20);
        var packed = new PackedE5M6(bench.Make(20, PackedE5M6.WordsOf(140), ElementType.Int32), bench.Floats(20, 2), 140);
        yield return () => stream.QuantizeRows(x, rows, ScaleKind.Float32);
        yield return () => stream.DequantizeRows(rows, y);
        yield return () => stream.QuantizeBlocks(dw, blocks, ScaleKind.PowerOfTwo);
        yield return () => stream.QuantizeTokens(x, tokens, ScaleKind.Float32, offsets);
        yield return () => stream.RequantizeTokens(rows, tokens, ScaleKind.Float32, offsets);
        yield return () => stream.PackRows(x, packed);
        yield return () => stream.UnpackRows(packed, y);
        yield return () => stream.QuantizedLinear(rows, blocks, y, offsets);
        yield return () => stream.QuantizedLinearBackwardInput(rows, blocks, y, offsets);
        yield return () => stream.QuantizedLinearBackwardWeight(tokens, tokens, dw, offsets: offsets);
    }

    private IEnumerable<Action> Rows(Bench bench)
    {
        IStream stream = bench.Stream;
        Tensor x = bench.Floats(8, 40), y = bench.Floats(8, 40, gap: 1), weight = bench.Floats(1, 40), rstd = bench.Floats(1, 8);
        Tensor wide = bench.Floats(8, 80), sum = bench.Make(1, 1, ElementType.Float64), host = bench.Floats(1, 8);
        var bytes = new byte[32];
        yield return () => stream.Zero(y);
        yield return () => stream.Copy(x, y);
        yield return () => stream.Upload(bytes, host);
        yield return () => stream.Download(host, bytes);
        yield return () => stream.Notify(this);
        yield return () => stream.Add(x, y, y);
        yield return () => stream.Add(x, y, x, y);
        yield return () => stream.SwiGlu(wide, y);
        yield return () => stream.SwiGluBackward(wide, x, rstd, wide, y, host);
        yield return () => stream.RmsNorm(x, weight, 1e-6f, y, rstd);
        yield return () => stream.RmsNormBackward(y, x, weight, rstd, y, weight, x);
        yield return () => stream.SumOfSquares(x, sum);
        yield return () => stream.AdamW(x, x, x, x, new AdamWStep(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 3, 1));
    }

    private static IEnumerable<Action> Attentions(Bench bench)
    {
        IStream stream = bench.Stream;
        var shape = new AttentionShape(Heads: 3, NopeColumns: 12, RopeColumns: 6, ValueColumns: 10, Scale: 0.3f);
        var causal = new AttentionTensors(bench, shape, 300);
        Tensor sequences = bench.Ints(0, 300), q = bench.Floats(2, 54), cache = bench.Floats(50, 26), first = bench.Ints(0, 9);
        Tensor lengths = bench.Ints(50, 30), o = bench.Floats(2, 30), cos = bench.Floats(4, 3), positions = bench.Ints(2, 1);
        Weight up = bench.Weight(1, 3 * shape.KeyValueColumns, 20);
        yield return () => causal.Run(sequences);
        yield return () => stream.LatentAttention(q, up, cache, first, lengths, shape, o);
        yield return () => stream.Rope(q, 3, positions, cos, cos, inverse: true);
    }

    private static IEnumerable<Action> Tokens(Bench bench)
    {
        IStream stream = bench.Stream;
        Tensor ids = bench.Ints(1, 0, 5), table = bench.Floats(6, 20), y = bench.Floats(3, 20), losses = bench.Floats(1, 3);
        Tensor logits = bench.Floats(3, 16), bias = bench.Floats(1, 16), scores = bench.Floats(3, 16), weights = bench.Floats(3, 4);
        Tensor experts = bench.Make(3, 4, ElementType.Int32), rows = bench.Make(3, 4, ElementType.Int32);
        Tensor sequences = bench.Ints(0, 1, 3), balances = bench.Floats(1, 2);
        stream.Zero(rows);
        var gate = new GateShape(4, 2, 4, true, 2.5f);
        yield return () => stream.Embed(ids, table, y);
        yield return () => stream.EmbedBackward(ids, y, table);
        yield return () => stream.CrossEntropy(y, ids, 0.1f, losses, y);
        yield return () => stream.ChooseExperts(logits, bias, gate, scores, experts, weights);
        yield return () => stream.ChooseExpertsBackward(weights, experts, scores, gate, logits);
        yield return () => stream.BalanceLoss(scores, experts, sequences, 0.1f, balances, logits);
        yield return () => stream.GatherRows(table, ids, y);
        yield return () => stream.SumRows(table, rows, weights, y);
    }
}
