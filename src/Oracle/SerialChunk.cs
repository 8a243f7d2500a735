using System.Runtime.InteropServices;
using Actors.Model;
using Actors.Model.Inference;
using Actors.Model.Layers;
using Actors.Tensors;

namespace Actors.Oracle;

/// <summary>A source rank's part of the micro-batch: ids, targets, layout, and the head's tensors.</summary>
internal sealed class SerialChunk : IDisposable
{
    private readonly Arena _arena;
    private readonly Tensor _ids, _targets, _embeddingGradient;
    private readonly int _vocabulary;
    private DecodeBatch? _steps;

    public SerialChunk(IBackend backend, ModelConfig config, int maxSequences, int maxTokens, ActivationMode mode, int logitsRows)
    {
        _vocabulary = config.VocabularySize;
        Layout = new SequenceLayout(backend, maxTokens, maxSequences);
        Head = new OutputHeadActivations(backend, config, maxTokens, mode, logitsRows);
        var plan = new TensorPlan();
        plan.Add(1, maxTokens, ElementType.Int32);
        plan.Add(1, maxTokens, ElementType.Int32);
        plan.Add(mode == ActivationMode.ForwardOnly ? 0 : maxTokens, config.HiddenSize, backend.Precision.Rows);
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
    public int Tokens => _steps?.Rows ?? Layout.Tokens;

    /// <summary>Int32 (1, tokens).</summary>
    public Tensor Ids => _steps?.Ids ?? _ids.ColumnRange(0, Tokens);

    /// <summary>Int32 (1, tokens).</summary>
    public Tensor Targets => _targets.ColumnRange(0, Tokens);

    /// <summary>Gradient of the embedding's output (tokens, H).</summary>
    public Tensor EmbeddingGradient => _embeddingGradient.RowRange(0, Tokens);

    /// <summary>Sequences of equal length with their targets, none where no loss follows, and with positions in their documents, none where these are not masked.</summary>
    public void Set(IStream stream, ReadOnlySpan<int> ids, ReadOnlySpan<int> targets, int length, ReadOnlySpan<int> positions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        if (ids.Length % length != 0 || (targets.Length != 0 && targets.Length != ids.Length))
        {
            throw new ArgumentException($"{ids.Length} ids and {targets.Length} targets are no sequences of {length} tokens.");
        }

        CheckTokens(ids, 0);
        CheckTokens(targets, -1);
        Layout.SetUniform(stream, ids.Length / length, length, positions);
        SetIds(stream, ids);
        if (targets.Length > 0)
        {
            stream.Upload(MemoryMarshal.AsBytes(targets), Targets);
        }
    }

    /// <summary>Prompts of different lengths, one after the other.</summary>
    public void SetPrompts(IStream stream, ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths)
    {
        CheckTokens(ids, 0);
        Layout.Set(stream, lengths);
        SetIds(stream, ids);
    }

    /// <summary>One token of each running sequence.</summary>
    public void SetSteps(DecodeBatch batch)
    {
        _steps = batch;
        Head.SetTokens(Tokens);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Layout.Dispose();
        Head.Dispose();
        _arena.Dispose();
    }

    private void SetIds(IStream stream, ReadOnlySpan<int> ids)
    {
        _steps = null;
        Head.SetTokens(Tokens);
        stream.Upload(MemoryMarshal.AsBytes(ids), Ids);
    }

    private void CheckTokens(ReadOnlySpan<int> tokens, int least)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            if (tokens[i] < least || tokens[i] >= _vocabulary)
            {
                throw new ArgumentException($"Token {i} is {tokens[i]}: the vocabulary has 0..{_vocabulary - 1}. Use the model's own tokenizer.");
            }
        }
    }
}
