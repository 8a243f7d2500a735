using Actors.Model;
using Actors.Model.Layers;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Placement;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>All that a stage keeps of one chunk from its forward to its weight gradients; lent again to a later chunk.</summary>
internal sealed class ChunkActivations : IDisposable
{
    /// <summary>Allocates for the largest chunk, with logits in blocks of so many rows, or whole (0).</summary>
    public ChunkActivations(IBackend backend, ModelConfig config, StageLayout layout, int stage, int maxTokens, int maxSequences, ActivationMode mode,
        bool routesOnHost, int logitsRows)
    {
        Layers = new LayerActivations[layout.LayerCount(stage)];
        for (int layer = 0; layer < Layers.Length; layer++)
        {
            Layers[layer] = new LayerActivations(backend, config, layout.LayerOf(stage, layer), maxTokens, mode, routesOnHost);
        }

        Sequences = new SequenceLayout(backend, maxTokens, maxSequences);
        int depths = layout.IsLast(stage) ? 1 + layout.Modules : 0;
        Heads = [.. Enumerable.Range(0, depths).Select(_ => new OutputHeadActivations(backend, config, maxTokens, mode, logitsRows))];
        Predictions = [.. Enumerable.Range(1, Math.Max(0, depths - 1)).Select(_ => new PredictionActivations(backend, config, maxTokens, mode))];
    }

    public LayerActivations[] Layers { get; }

    public SequenceLayout Sequences { get; }

    /// <summary>At the last stage those of the main model's head, then of each prediction module's; else none.</summary>
    public OutputHeadActivations[] Heads { get; }

    /// <summary>How each prediction module of the stage begins.</summary>
    public PredictionActivations[] Predictions { get; }

    /// <summary>Gradient of the first layer's input (tokens, H), rented from the backward on.</summary>
    public Frame InputGradient { get; set; } = Frame.Empty;

    /// <summary>Rows of the chunk.</summary>
    public int Tokens { get; private set; }

    /// <summary>Begins a chunk of sequences of equal length, with positions in their documents where these are masked, see <see cref="SequenceLayout.SetUniform"/>.</summary>
    public void Begin(IStream stream, int sequences, int length, ReadOnlySpan<int> positions)
    {
        Sequences.SetUniform(stream, sequences, length, positions);
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

        foreach (OutputHeadActivations head in Heads)
        {
            head.SetTokens(tokens);
        }

        foreach (PredictionActivations prediction in Predictions)
        {
            prediction.Tokens = tokens;
        }
    }

    public void Dispose()
    {
        foreach (LayerActivations layer in Layers)
        {
            layer.Dispose();
        }

        Sequences.Dispose();
        foreach (OutputHeadActivations head in Heads)
        {
            head.Dispose();
        }

        foreach (PredictionActivations prediction in Predictions)
        {
            prediction.Dispose();
        }
    }
}
