using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>What each pass uses after its first product, in that order: the chunk's rows were last touched many chunks ago.</summary>
public sealed partial class Attention
{
    private void ExpectForward(IStream stream, AttentionActivations a)
    {
        ProjectedTensors p = Projected(a);
        if (_weights.QueryUp is { } up)
        {
            stream.Expect(p.QueryLatentNormed.Rows);
            stream.ExpectLinear(up.Weight);
            stream.Expect(p.Query);
        }

        stream.Expect(p.LatentNormed.Rows);
        stream.ExpectLinear(_weights.KeyValueUp.Weight);
        stream.Expect(p.KeyValue);
        stream.Expect(Heads(a, p));
        stream.ExpectLinear(_weights.Output.Weight);
        stream.Expect(a.Hidden);
        stream.Expect(a.Normed);
    }

    private void ExpectBackwardInput(IStream stream, AttentionActivations a)
    {
        ProjectedTensors p = Projected(a);
        stream.Expect(p.Query);
        stream.Expect(p.KeyValue);
        stream.Expect(Heads(a, p));
        stream.Expect(a.Down);
        if (_weights.QueryUp is { } up)
        {
            stream.ExpectLinearBackwardInput(up.Weight);
        }

        stream.ExpectLinearBackwardInput(_weights.KeyValueUp.Weight);
        stream.ExpectLinearBackwardInput(_weights.Down.Weight);
        stream.Expect(a.Input);
    }

    private void ExpectBackwardWeights(IStream stream, ProjectedTensors p, GradientSet gradients)
    {
        if (_weights.QueryUp is { } up)
        {
            stream.Expect(p.QueryLatentNormed.Rows);
            gradients.Expect(stream, up);
        }

        stream.Expect(p.LatentNormed.Rows);
        gradients.Expect(stream, _weights.KeyValueUp);
        stream.Expect(p.InputNormed.Rows);
        gradients.Expect(stream, _weights.Down);
    }
}
