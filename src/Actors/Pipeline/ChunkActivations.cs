using Actors.Model;
using Actors.Model.Layers;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>All that a stage keeps of one chunk from its forward to its weight gradients; lent again to a later chunk.</summary>
internal sealed class ChunkActivations : IDisposable
{
    public ChunkActivations(IBackend backend, ModelConfig config, StageLayout layout, int stage, int maxTokens, int maxSequences, ActivationMode mode,
        bool routesOnHost)
    {
        Layers = new LayerActivations[layout.LayerCount(stage)];
        for (int layer = 0; layer < Layers.Length; layer++)
        {
            Layers[layer] = new LayerActivations(backend, config, layout.FirstLayer(stage) + layer, maxTokens, mode, routesOnHost);
        }

        Sequences = new SequenceLayout(backend, maxTokens, maxSequences);
        Head = layout.IsLast(stage) ? new OutputHeadActivations(backend, config, maxTokens, mode) : null;
    }

    public LayerActivations[] Layers { get; }

    public SequenceLayout Sequences { get; }

    public OutputHeadActivations? Head { get; }

    /// <summary>Gradient of the first layer's input (tokens, H), rented from the backward on.</summary>
    public Frame InputGradient { get; set; } = Frame.Empty;

    /// <summary>Rows of the chunk.</summary>
    public int Tokens { get; private set; }

    /// <summary>Begins a chunk of sequences of equal length.</summary>
    public void Begin(IStream stream, int sequences, int length)
    {
        Sequences.SetUniform(stream, sequences, length);
        SetTokens(Sequences.Tokens);
    }

    /// <summary>Makes every part so long.</summary>
    public void SetTokens(int tokens)
    {
        Tokens = tokens;
        foreach (LayerActivations layer in Layers)
        {
            layer.SetTokens(tokens);
        }

        Head?.SetTokens(tokens);
    }

    public void Dispose()
    {
        foreach (LayerActivations layer in Layers)
        {
            layer.Dispose();
        }

        Sequences.Dispose();
        Head?.Dispose();
    }
}
