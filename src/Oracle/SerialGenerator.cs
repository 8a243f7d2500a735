using Actors.Model.Inference;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Tensors;
using Actors.Tensors.Numbers;

namespace Actors.Oracle;

/// <summary>Generates text without actors: all prompts at once, then a token of each sequence a step over the compressed cache.</summary>
public sealed class SerialGenerator : IDisposable
{
    private readonly IStream _stream;
    private readonly SerialModel _model;
    private readonly LatentCache _cache;
    private readonly DecodeBatch _batch;
    private readonly int _maxLength;

    /// <summary>Allocates for at most <paramref name="maxSequences"/> of <paramref name="maxLength"/> tokens, prompt included.</summary>
    public SerialGenerator(
        IBackend backend, IStream stream, ModelWeights weights, ExpertPlacement placement, int maxSequences, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _stream = stream;
        _maxLength = maxLength;
        _model = new SerialModel(
            backend, stream, weights, placement, new SerialOptions(1, maxSequences, maxLength, ActivationMode.ForwardOnly));
        _cache = new LatentCache(backend, weights.Config, weights.Config.Layers, maxSequences, maxLength);
        _batch = new DecodeBatch(backend, maxSequences);
    }

    /// <summary>Extends every prompt by <paramref name="tokens"/> new ones; returns only these.</summary>
    /// <param name="prompts">At least one token each.</param>
    /// <param name="tokens">New tokens of each.</param>
    /// <param name="samplers">One a prompt.</param>
    public int[][] Generate(IReadOnlyList<int[]> prompts, int tokens, IReadOnlyList<TokenSampler> samplers)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(samplers);
        ArgumentOutOfRangeException.ThrowIfLessThan(tokens, 1);
        CheckRoom(prompts, tokens);
        int[] lengths = [.. prompts.Select(prompt => prompt.Length)];
        int[] firstRows = [.. Enumerable.Range(0, prompts.Count).Select(_cache.FirstRow)];
        int[][] generated = [.. prompts.Select(_ => new int[tokens])];
        _model.Prefill([.. prompts.SelectMany(prompt => prompt)], lengths, _cache, firstRows);
        Choose(_model, lengths, samplers, generated, 0);
        for (int step = 1; step < tokens; step++)
        {
            int[] newest = [.. generated.Select(tokens => tokens[step - 1])];
            int[] slots = [.. Enumerable.Range(0, newest.Length)];
            _batch.Set(_stream, newest, slots, firstRows, [.. lengths.Select(length => length + step)], newest.Length);
            _model.Decode(_cache, _batch);
            Choose(_model, [.. lengths.Select(_ => 1)], samplers, generated, step);
        }

        return generated;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        _cache.Dispose();
        _batch.Dispose();
    }

    /// <summary>Takes each sequence's next token from the logits of its last row.</summary>
    private static void Choose(SerialModel model, int[] lengths, IReadOnlyList<TokenSampler> samplers, int[][] generated, int step)
    {
        int vocabulary = model.Config.VocabularySize;
        var logits = new float[lengths.Sum() * vocabulary];
        model.ReadLogits(0, logits);
        int end = 0;
        for (int s = 0; s < lengths.Length; s++)
        {
            end += lengths[s];
            ReadOnlySpan<float> last = logits.AsSpan((end - 1) * vocabulary, vocabulary);
            if (!FiniteValues.AreAll(last))
            {
                throw new NonFiniteLogitsException(s, lengths[s] - 1, model.FirstNonFinitePart());
            }

            generated[s][step] = samplers[s].Next(last);
        }
    }

    private void CheckRoom(IReadOnlyList<int[]> prompts, int tokens)
    {
        if (prompts.Count > _cache.Slots)
        {
            throw new ArgumentException($"{prompts.Count} prompts are more than the {_cache.Slots} sequences planned for.", nameof(prompts));
        }

        for (int i = 0; i < prompts.Count; i++)
        {
            if (prompts[i].Length == 0 || prompts[i].Length + tokens > _maxLength)
            {
                throw new ArgumentException(
                    $"Prompt {i} has {prompts[i].Length} tokens: it needs at least 1, and with {tokens} new ones at most {_maxLength}.", nameof(prompts));
            }
        }
    }
}
