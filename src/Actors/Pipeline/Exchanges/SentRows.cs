using Actors.Model.Layers;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;
using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>
/// Rows of a rank as they go to the experts: where those take codes, quantized once at their source, with powers of two as scales, in memory of the stage's pool until
/// the sums have come back; else the rows themselves. The codes of a row depend on the row alone, so they are those that the experts would make of it.
/// </summary>
/// <param name="shape">Says how rows travel.</param>
/// <param name="stream">The stage's, which computes the rows.</param>
/// <param name="pool">The stage's.</param>
/// <param name="exchanges">Exchanges of a step.</param>
internal sealed class SentRows(GroupShape shape, IStream stream, TensorPool pool, int exchanges)
{
    private readonly ByPhase<Tensor> _codes = new(exchanges);

    /// <summary>Quantizes rows into memory for as many codes.</summary>
    public static void Quantize(IStream stream, Tensor rows, Tensor codes) => stream.QuantizeRows(rows, new PackedE4M3(codes, rows.Columns).Rows, ScaleKind.PowerOfTwo);

    /// <summary>Makes what travels of a layer's rows, which are computed or enqueued to be.</summary>
    public void Prepare(int exchange, ExchangePhase phase, LayerActivations layer)
    {
        RowForm form = shape.Sent(phase);
        if (form.IsCodes)
        {
            Tensor rows = ComputedOf(layer, phase);
            Tensor codes = pool.Rent(rows.Rows, form.Columns, form.Type);
            Quantize(stream, rows, codes);
            _codes[exchange, phase] = codes;
        }
    }

    /// <summary>What travels of a layer whose rows were prepared.</summary>
    public Tensor Of(int exchange, ExchangePhase phase, LayerActivations layer) => shape.Sent(phase).IsCodes ? _codes[exchange, phase] : ComputedOf(layer, phase);

    /// <summary>Lets go of what was sent: it has been read, or what follows on the stream waits until it has.</summary>
    public void Release(int exchange, ExchangePhase phase)
    {
        pool.Return(_codes[exchange, phase]);
        _codes[exchange, phase] = default;
    }

    private static Tensor ComputedOf(LayerActivations layer, ExchangePhase phase) =>
        phase == ExchangePhase.Forward ? layer.Attention.Normed : layer.Attention.OutputGradient;
}
