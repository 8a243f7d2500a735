using System.Runtime.InteropServices;
using Actors.Model.Layers;
using Actors.Tensors;

namespace Actors.Model.Serial;

/// <summary>A source rank's part of the micro-batch: ids, targets, layout, and the head's tensors.</summary>
internal sealed class SerialChunk : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _ids, _targets, _embeddingGradient;
    private readonly bool _backward;

    public SerialChunk(IBackend backend, ModelConfig config, int maxSequences, int maxTokens, ActivationMode mode)
    {
        _backward = mode != ActivationMode.ForwardOnly;
        Layout = new SequenceLayout(backend, maxTokens, maxSequences);
        Head = new OutputHeadActivations(backend, config, maxTokens, mode);
        var plan = new TensorPlan();
        plan.Add(1, maxTokens, ElementType.Int32);
        plan.Add(1, maxTokens, ElementType.Int32);
        plan.Add(_backward ? maxTokens : 0, config.HiddenSize);
        _arena = plan.Allocate(backend);
        _ids = plan.Next();
        _targets = plan.Next();
        _embeddingGradient = plan.Next();
    }

    /// <summary>Where sequences lie.</summary>
    public SequenceLayout Layout { get; }

    /// <summary>The head's tensors.</summary>
    public OutputHeadActivations Head { get; }

    /// <summary>Rows.</summary>
    public int Tokens => Layout.Tokens;

    /// <summary>Int32 (1, tokens).</summary>
    public Tensor Ids => _ids.ColumnRange(0, Tokens);

    /// <summary>Int32 (1, tokens).</summary>
    public Tensor Targets => _targets.ColumnRange(0, Tokens);

    /// <summary>Gradient of the embedding's output (tokens, H).</summary>
    public Tensor EmbeddingGradient => _embeddingGradient.RowRange(0, Tokens);

    public void Set(IStream stream, ReadOnlySpan<int> ids, ReadOnlySpan<int> targets, int length, int vocabulary)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        if (ids.Length % length != 0 || (targets.Length != 0 && targets.Length != ids.Length))
        {
            throw new ArgumentException($"{ids.Length} ids and {targets.Length} targets are no sequences of {length} tokens.");
        }

        CheckTokens(ids, 0, vocabulary);
        CheckTokens(targets, -1, vocabulary);
        Layout.SetUniform(stream, ids.Length / length, length);
        Head.SetTokens(Tokens);
        stream.Upload(MemoryMarshal.AsBytes(ids), Ids);
        if (targets.Length > 0)
        {
            stream.Upload(MemoryMarshal.AsBytes(targets), Targets);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Layout.Dispose();
        Head.Dispose();
        _arena.Dispose();
    }

    private static void CheckTokens(ReadOnlySpan<int> tokens, int least, int vocabulary)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            if (tokens[i] < least || tokens[i] >= vocabulary)
            {
                throw new ArgumentException($"Token {i} is {tokens[i]}: the vocabulary has 0..{vocabulary - 1}. Use the model's own tokenizer.");
            }
        }
    }
}
