using Actors.Model;
using Actors.Model.Inference;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Transfer;
using Actors.Tensors;
using Actors.Tensors.Numbers;

namespace Actors.Oracle;

/// <summary>
/// The whole model in one thread, with no actors: the oracle. It runs one micro-batch at a time, cut into a chunk a source
/// rank, and exchanges rows in the order of its placement.
/// </summary>
public sealed partial class SerialModel : IDisposable
{
    private readonly IStream _stream;
    private readonly HostReader _reader;
    private readonly RopeTables _rope;
    private readonly LayerTemporaries _temporaries;
    private readonly AttentionScratch _scratch;
    private readonly SerialRows _rows;
    private readonly Embedding _embedding;
    private readonly OutputHead _head;
    private readonly TransformerLayer[] _layers;
    private readonly SerialExchange?[] _exchanges;
    private readonly LayerActivations[][] _activations;
    private readonly SerialChunk[] _chunks;
    private readonly SerialPrediction[] _predictions;
    private readonly Arena _balanceArena;
    private readonly Tensor _balances;

    /// <summary>Allocates everything that a micro-batch needs.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="stream">Stream that everything is enqueued on.</param>
    /// <param name="weights">The whole model, its experts in the placement's ranges.</param>
    /// <param name="placement">Ranks and nodes of the experts.</param>
    /// <param name="options">Sizes of a micro-batch.</param>
    public SerialModel(IBackend backend, IStream stream, ModelWeights weights, ExpertPlacement placement, SerialOptions options)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(placement);
        ArgumentNullException.ThrowIfNull(options);
        ModelConfig config = weights.Config;
        if (weights.Part.Layers.Count != config.AllLayers || !weights.Part.Experts.SequenceEqual(placement.Ranges()))
        {
            throw new ArgumentException("The serial model needs the weights of all layers, their experts in the placement's ranges.", nameof(weights));
        }

        Config = config;
        Weights = weights;
        Options = options;
        int maxTokens = checked(options.MaxChunkSequences * options.MaxSequenceLength);
        _stream = stream;
        _reader = new HostReader(stream);
        _rope = new RopeTables(backend, stream, config, options.MaxSequenceLength);
        _temporaries = new LayerTemporaries(backend, config, maxTokens);
        _scratch = new AttentionScratch(backend, config, maxTokens, options.Mode, _temporaries);
        _rows = new SerialRows(backend, config.HiddenSize);
        _embedding = new Embedding(weights);
        _head = new OutputHead(weights, _temporaries);
        int logitsRows = LogitsBlocks.RowsOf(config, maxTokens, options.LogitsLimit ?? long.MaxValue);
        _layers = new TransformerLayer[config.AllLayers];
        _exchanges = new SerialExchange?[config.AllLayers];
        _activations = new LayerActivations[config.AllLayers][];
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            LayerWeights values = weights.Layers[layer];
            _layers[layer] = new TransformerLayer(config, values, _rope, _scratch);
            _activations[layer] = new LayerActivations[options.SourceRanks];
            for (int s = 0; s < options.SourceRanks; s++)
            {
                _activations[layer][s] = new LayerActivations(backend, config, layer, maxTokens, options.Mode, routesOnHost: false);
            }

            if (values.HasExperts)
            {
                var shards = new RoutedExperts[placement.Ranks];
                for (int rank = 0; rank < shards.Length; rank++)
                {
                    shards[rank] = new RoutedExperts(values.Experts[rank], _temporaries);
                }

                _exchanges[layer] = new SerialExchange(backend, placement, shards, options.SourceRanks, config.ExpertsPerToken, _rows);
            }
        }

        _chunks = new SerialChunk[options.SourceRanks];
        for (int s = 0; s < _chunks.Length; s++)
        {
            _chunks[s] = new SerialChunk(backend, config, options.MaxChunkSequences, maxTokens, options.Mode, logitsRows);
        }

        _predictions = [.. Enumerable.Range(1, config.PredictLayers).Select(
            depth => new SerialPrediction(backend, weights, _temporaries, depth, options.SourceRanks, maxTokens, options.Mode, logitsRows))];
        int chunks = options.Mode == ActivationMode.ForwardOnly ? 0 : config.AllLayers * options.SourceRanks;
        _balanceArena = new Arena(backend, Arena.Plan(chunks, options.MaxChunkSequences));
        _balances = _balanceArena.Take(chunks, options.MaxChunkSequences);
    }

    /// <summary>Sizes and rules.</summary>
    public ModelConfig Config { get; }

    /// <summary>The values.</summary>
    public ModelWeights Weights { get; }

    /// <summary>Sizes of a micro-batch.</summary>
    public SerialOptions Options { get; }

    /// <summary>Gives source rank <paramref name="source"/> its chunk of the next micro-batch; it may be empty.</summary>
    /// <param name="source">Source rank.</param>
    /// <param name="ids">Host memory: sequences of equal length, one after the other.</param>
    /// <param name="targets">The token to predict at each place, −1 for none; empty where no loss follows.</param>
    /// <param name="length">Tokens of a sequence.</param>
    /// <param name="routesAllRead">Whether modules route every row whose token lies in its sequence, and not only those with a target.</param>
    /// <param name="positions">Each token's position in its document, which attention does not look out of, see <see cref="SequenceLayout.SetUniform"/>; empty: it sees whole sequences.</param>
    /// <exception cref="ArgumentException">An id is outside the vocabulary, or the chunk is too large.</exception>
    public void SetChunk(int source, ReadOnlySpan<int> ids, ReadOnlySpan<int> targets, int length, bool routesAllRead = false, ReadOnlySpan<int> positions = default)
    {
        _chunks[source].Set(_stream, ids, targets, length, positions);
        foreach (SerialPrediction prediction in _predictions)
        {
            prediction.SetChunk(_stream, source, ids, targets, length, routesAllRead);
        }

        SetTokens(source);
    }

    /// <summary>Runs the micro-batch up to the logits of every source rank.</summary>
    public void Forward() => Run(null, null, default);

    /// <summary>
    /// Runs prompts (one after the other in <paramref name="ids"/>) up to the logits of every token and writes their rows of
    /// the cache; only with one source rank.
    /// </summary>
    /// <param name="ids">Host memory: all prompts' tokens.</param>
    /// <param name="lengths">Tokens of each prompt.</param>
    /// <param name="cache">Cache of all layers.</param>
    /// <param name="firstRows">First cache row of each prompt.</param>
    public void Prefill(ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths, LatentCache cache, ReadOnlySpan<int> firstRows)
    {
        CheckOneSource();
        _chunks[0].SetPrompts(_stream, ids, lengths);
        SetTokens(0);
        Run(cache, null, firstRows);
    }

    /// <summary>Runs one token of each sequence of <paramref name="batch"/> up to its logits; only with one source rank.</summary>
    /// <param name="cache">Cache of all layers; the new rows are added.</param>
    /// <param name="batch">Each sequence's newest token, and where its rows lie.</param>
    public void Decode(LatentCache cache, DecodeBatch batch)
    {
        CheckOneSource();
        _chunks[0].SetSteps(batch);
        SetTokens(0);
        Run(cache, batch, default);
    }

    /// <summary>Copies the logits (tokens, vocabulary) of a source rank's chunk to the host; before <see cref="Loss"/>.</summary>
    /// <param name="source">Source rank.</param>
    /// <param name="logits">Output.</param>
    /// <param name="depth">0: the main model's; k: those of module k.</param>
    /// <exception cref="InvalidOperationException">They go in blocks, see <see cref="SerialOptions.LogitsLimit"/>.</exception>
    public void ReadLogits(int source, Span<float> logits, int depth = 0) => _reader.ReadFloats(HeadOf(depth, source).Logits).CopyTo(logits);

    /// <summary>
    /// After a forward with a logit or loss that is not finite: the first of the embedding, the layers and the output head whose output
    /// has a value that is not.
    /// </summary>
    public string FirstNonFinitePart()
    {
        for (int layer = -1; layer < _layers.Length; layer++)
        {
            for (int s = 0; s < _chunks.Length; s++)
            {
                if (!FiniteValues.AreAll(_reader.ReadFloats(layer < 0 ? InputOf(0, s) : OutputOf(layer, s))))
                {
                    return layer < 0 ? "the embedding" : layer < Config.Layers ? $"layer {layer}" : $"prediction module {Config.ModuleOf(layer)}";
                }
            }
        }

        return "the output head";
    }

    /// <summary>The experts (tokens, K) that a source rank's chunk chose in a layer with experts.</summary>
    public ReadOnlySpan<int> ChosenExperts(int layer, int source) => ExchangeOf(layer).ExpertsOf(source);

    /// <summary>Adds how often each expert of a layer was chosen in this micro-batch.</summary>
    public void AddLoads(int layer, Span<long> loads) => ExchangeOf(layer).AddLoads(loads);

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int layer = 0; layer < _layers.Length; layer++)
        {
            _exchanges[layer]?.Dispose();
            foreach (LayerActivations activations in _activations[layer])
            {
                activations.Dispose();
            }
        }

        foreach (SerialChunk chunk in _chunks)
        {
            chunk.Dispose();
        }

        foreach (SerialPrediction prediction in _predictions)
        {
            prediction.Dispose();
        }

        _balanceArena.Dispose();
        _rows.Dispose();
        _scratch.Dispose();
        _temporaries.Dispose();
        _rope.Dispose();
        _reader.Dispose();
    }

    private void Run(LatentCache? cache, DecodeBatch? batch, ReadOnlySpan<int> firstRows)
    {
        for (int s = 0; s < _chunks.Length; s++)
        {
            _embedding.Forward(_stream, _chunks[s].Ids, InputOf(0, s));
        }

        for (int layer = 0; layer < Config.Layers; layer++)
        {
            ForwardLayer(layer, cache, batch, firstRows);
        }

        foreach (SerialChunk chunk in _chunks)
        {
            _head.Logits(_stream, chunk.Head);
        }

        // Text is generated without the modules.
        for (int depth = 1; cache is null && depth <= _predictions.Length; depth++)
        {
            Predict(depth);
        }
    }

    private void Predict(int depth)
    {
        SerialPrediction prediction = _predictions[depth - 1];
        int layer = Config.Layers + depth - 1;
        for (int s = 0; s < _chunks.Length; s++)
        {
            prediction.Begin(_stream, s, HeadOf(depth - 1, s), InputOf(layer, s));
        }

        ForwardLayer(layer, cache: null, batch: null, default);
        for (int s = 0; s < _chunks.Length; s++)
        {
            prediction.Logits(_stream, s);
        }
    }

    private void Attend(int layer, int source, LatentCache? cache, DecodeBatch? batch, ReadOnlySpan<int> firstRows)
    {
        Attention attention = _layers[layer].Attention;
        AttentionActivations activations = _activations[layer][source].Attention;
        SequenceLayout layout = _chunks[source].Layout;
        if (cache is null)
        {
            attention.Forward(_stream, activations, layout);
            if (layer >= Config.Layers)
            {
                _stream.DropChoices(_predictions[layer - Config.Layers].KeptOf(source), activations.Experts, activations.ExpertWeights);
            }
        }
        else if (batch is null)
        {
            attention.Prefill(_stream, activations, layout, cache[layer], firstRows);
        }
        else
        {
            attention.Decode(_stream, activations, cache[layer], batch);
        }
    }

    private void SetTokens(int source)
    {
        foreach (LayerActivations[] layer in _activations)
        {
            layer[source].SetTokens(_chunks[source].Tokens);
        }
    }

    private void CheckOneSource()
    {
        if (_chunks.Length != 1)
        {
            throw new InvalidOperationException($"The serial model generates with one source rank, not {_chunks.Length}.");
        }
    }

    private void ForwardLayer(int layer, LatentCache? cache, DecodeBatch? batch, ReadOnlySpan<int> firstRows)
    {
        TransformerLayer part = _layers[layer];
        LayerActivations[] sources = _activations[layer];
        for (int s = 0; s < sources.Length; s++)
        {
            Attend(layer, s, cache, batch, firstRows);
            part.ForwardFeedForward(_stream, sources[s], OutputOf(layer, s));
        }

        if (_exchanges[layer] is { } exchange)
        {
            exchange.Forward(_stream, _reader, sources);
            for (int s = 0; s < sources.Length; s++)
            {
                part.ForwardCombine(_stream, sources[s], OutputOf(layer, s));
            }
        }
    }

    private Tensor InputOf(int layer, int source) => _activations[layer][source].Attention.Input;

    /// <summary>Where a layer's output goes: the next one's input, or that of the head behind it.</summary>
    private Tensor OutputOf(int layer, int source) =>
        layer < Config.Layers - 1 ? InputOf(layer + 1, source) : HeadOf(Config.ModuleOf(layer), source).Input;

    /// <summary>What the main model's head (0) or a module's keeps of a chunk.</summary>
    private OutputHeadActivations HeadOf(int depth, int source) => depth == 0 ? _chunks[source].Head : _predictions[depth - 1].HeadOf(source);

    private SerialExchange ExchangeOf(int layer) =>
        _exchanges[layer] ?? throw new ArgumentOutOfRangeException(nameof(layer), layer, "The layer is dense, it chooses no experts.");
}
