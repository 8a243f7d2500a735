using Actors.Model.Placement;
using Actors.Tensors;

namespace Actors.Model.Parameters;

/// <summary>The routed experts of one layer that one rank holds.</summary>
public sealed class ExpertWeights
{
    internal ExpertWeights(IBackend backend, ModelConfig config, int layer, ExpertRange range)
    {
        Layer = layer;
        Range = range;
        int inner = config.ExpertIntermediateSize;
        var gateUp = new (string, int)[2 * range.Count];
        var down = new (string, int)[range.Count];
        for (int i = 0; i < range.Count; i++)
        {
            string prefix = $"model.layers.{layer}.mlp.experts.{range.First + i}";
            gateUp[2 * i] = ($"{prefix}.gate_proj.weight", inner);
            gateUp[2 * i + 1] = ($"{prefix}.up_proj.weight", inner);
            down[i] = ($"{prefix}.down_proj.weight", config.HiddenSize);
        }

        string name = $"model.layers.{layer}.mlp.experts.{range.First}-{range.First + range.Count - 1}";
        GateUp = ParameterBlock.Projection(backend, $"{name}.gate_up_proj", range.Count, config.HiddenSize, gateUp);
        Down = ParameterBlock.Projection(backend, $"{name}.down_proj", range.Count, inner, down);
    }

    /// <summary>Layer that they belong to.</summary>
    public int Layer { get; }

    /// <summary>Which experts of the layer.</summary>
    public ExpertRange Range { get; }

    /// <summary>A matrix an expert: (experts · 2F, H), an expert's gate rows first, then its up rows.</summary>
    public ParameterBlock GateUp { get; }

    /// <summary>A matrix an expert: (experts · H, F).</summary>
    public ParameterBlock Down { get; }
}
