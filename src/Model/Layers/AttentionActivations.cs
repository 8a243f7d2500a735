using Actors.Tensors;
using Actors.Tensors.Quantized;

namespace Actors.Model.Layers;

/// <summary>
/// What the <see cref="Attention"/> of one layer and one chunk receives, returns and keeps, from its forward to its weight
/// gradients. Reused for chunk after chunk: <see cref="SetTokens"/> first. H: hidden size, K: experts a token.
/// </summary>
public sealed class AttentionActivations : IDisposable
{
    private readonly Arena _arena;
    private readonly ActivationMode _mode;
    private readonly Tensor _input, _hidden, _normed, _down, _heads, _logSumExp;
    private readonly Tensor _inputRstd, _queryRstd, _latentRstd, _hiddenRstd;
    private readonly Tensor _scores, _outputGradient, _normedGradient;
    private readonly Tensor _experts, _expertWeights, _expertWeightGradient;
    private readonly HostTensor _hostExperts, _hostExpertWeights, _hostExpertWeightGradient;
    private readonly ProjectedTensors _projected;
    private readonly PackedE5M6 _packedHeads;

    /// <summary>Allocates for chunks of at most <paramref name="maxTokens"/>.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="hasExperts">Whether the layer has a gate.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    /// <param name="mode">What to keep.</param>
    /// <param name="routesOnHost">Whether the host reads choices and weights, and writes the weights' gradient.</param>
    public AttentionActivations(IBackend backend, ModelConfig config, bool hasExperts, int maxTokens, ActivationMode mode, bool routesOnHost)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        _mode = mode;
        MaxTokens = maxTokens;
        int hidden = config.HiddenSize;
        int queries = config.Heads * config.QueryHeadSize;
        int experts = hasExperts ? config.RoutedExperts : 0;
        int chosen = hasExperts ? config.ExpertsPerToken : 0;
        int queryDown = config.QueryRank ?? queries;
        int down = queryDown + config.KeyValueRank + config.RopeHeadSize;
        int backward = mode == ActivationMode.ForwardOnly ? 0 : maxTokens;
        ElementType rows = backend.Precision.Rows;
        var plan = new TensorPlan();
        plan.Add(maxTokens, hidden, rows);
        plan.Add(maxTokens, hidden, rows);
        plan.Add(maxTokens, hidden, rows);
        plan.Add(maxTokens, down, rows);
        int values = config.Heads * config.ValueHeadSize;
        bool packsHeads = backend.Precision.Quantizes(values);
        plan.Add(packsHeads ? 0 : maxTokens, values, rows);
        plan.AddPacked(packsHeads ? backward : 0, values);
        plan.Add(backward, config.Heads);
        for (int i = 0; i < 4; i++)
        {
            plan.Add(1, backward);
        }

        plan.Add(maxTokens, experts);
        plan.Add(maxTokens, chosen, ElementType.Int32, routesOnHost);
        plan.Add(maxTokens, chosen, ElementType.Float32, routesOnHost);
        plan.Add(backward, hidden, rows);
        plan.Add(backward, hidden, rows);
        plan.Add(backward, chosen, ElementType.Float32, routesOnHost);
        bool isKept = mode == ActivationMode.Kept;
        ProjectedTensors.Plan(plan, config, maxTokens, backend.Precision, isKept, isScratch: false);

        _arena = plan.Allocate(backend);
        _input = plan.Next();
        _hidden = plan.Next();
        _normed = plan.Next();
        _down = plan.Next();
        _heads = plan.Next();
        _packedHeads = plan.NextPacked(values);
        _logSumExp = plan.Next();
        _inputRstd = plan.Next();
        _queryRstd = plan.Next();
        _latentRstd = plan.Next();
        _hiddenRstd = plan.Next();
        _scores = plan.Next();
        _experts = routesOnHost ? _hostExperts = plan.NextHost() : plan.Next();
        _expertWeights = routesOnHost ? _hostExpertWeights = plan.NextHost() : plan.Next();
        _outputGradient = plan.Next();
        _normedGradient = plan.Next();
        _expertWeightGradient = routesOnHost ? _hostExpertWeightGradient = plan.NextHost() : plan.Next();
        _projected = ProjectedTensors.Take(plan, config, maxTokens, backend.Precision, isKept, isScratch: false);
    }

    /// <summary>Rows that fit.</summary>
    public int MaxTokens { get; }

    /// <summary>Rows of the present chunk.</summary>
    public int Tokens { get; private set; }

    /// <summary>Filled by the caller before the forward: the residual stream that enters the layer (tokens, H).</summary>
    public Tensor Input => Rows(_input);

    /// <summary>Residual stream after attention (tokens, H).</summary>
    public Tensor Hidden => Rows(_hidden);

    /// <summary>Input of gate, shared and routed experts or the dense feed-forward (tokens, H).</summary>
    public Tensor Normed => Rows(_normed);

    /// <summary>Chosen experts, by falling biased score: Int32 (tokens, K); no columns in a dense layer.</summary>
    public Tensor Experts => _experts.RowRange(0, Tokens);

    /// <summary>Their weights (tokens, K).</summary>
    public Tensor ExpertWeights => _expertWeights.RowRange(0, Tokens);

    /// <summary>
    /// Filled by the caller before the backward: gradient of the layer's output (tokens, H). It is also the gradient of what
    /// the feed-forward or the experts return, so it stays until their weight gradients are done.
    /// </summary>
    public Tensor OutputGradient => Rows(_outputGradient);

    /// <summary>
    /// Filled by the caller before <see cref="Attention.BackwardInput"/>: gradient of <see cref="Normed"/> (tokens, H) from
    /// everything but the gate: shared plus routed experts, or the dense feed-forward. The gate's part is added to it; then the
    /// gradient of the residual stream after attention takes its place, until the weight gradients are done.
    /// </summary>
    public Tensor NormedGradient => Rows(_normedGradient);

    /// <summary>Filled by the caller before <see cref="Attention.BackwardInput"/>: gradient of <see cref="ExpertWeights"/> (tokens, K).</summary>
    public Tensor ExpertWeightGradient => _expertWeightGradient.RowRange(0, Tokens);

    /// <summary><see cref="Experts"/>, where the host reads them.</summary>
    public HostTensor HostExperts => _hostExperts.RowRange(0, Tokens);

    /// <summary><see cref="ExpertWeights"/>, where the host reads them.</summary>
    public HostTensor HostExpertWeights => _hostExpertWeights.RowRange(0, Tokens);

    /// <summary><see cref="ExpertWeightGradient"/>, where the host writes it.</summary>
    public HostTensor HostExpertWeightGradient => _hostExpertWeightGradient.RowRange(0, Tokens);

    internal ActivationMode Mode => _mode;

    /// <summary>Down projection: compressed query (or the query), latent, shared key (rotated in place).</summary>
    internal Tensor Down => Rows(_down);

    /// <summary>The heads' outputs (tokens, heads · value), where they are not packed.</summary>
    internal Tensor Heads => Rows(_heads);

    /// <summary>The heads' outputs, kept for the backward of an output projection that takes codes.</summary>
    internal PackedE5M6 PackedHeads => _packedHeads.RowRange(0, Tokens);

    /// <summary>(tokens, heads), absent without backward.</summary>
    internal Tensor LogSumExp => _mode == ActivationMode.ForwardOnly ? default : Rows(_logSumExp);

    internal Tensor InputRstd => Columns(_inputRstd);

    internal Tensor QueryRstd => Columns(_queryRstd);

    internal Tensor LatentRstd => Columns(_latentRstd);

    internal Tensor HiddenRstd => Columns(_hiddenRstd);

    /// <summary>Gate scores (tokens, experts).</summary>
    internal Tensor Scores => Rows(_scores);

    /// <summary>On loan from the backward for input to the weight gradients.</summary>
    internal AttentionGradients? Gradients { get; set; }

    /// <summary>Norm outputs and up-projections, completed by those of the stream's scratch.</summary>
    internal ProjectedTensors Projected(in ProjectedTensors scratch) => _projected.With(scratch).First(Tokens);

    /// <summary>Sets the rows of the next chunk; 0 or more.</summary>
    public void SetTokens(int tokens)
    {
        if (tokens < 0 || tokens > MaxTokens)
        {
            throw new ArgumentOutOfRangeException(nameof(tokens), tokens, $"Planned were at most {MaxTokens} tokens.");
        }

        Tokens = tokens;
    }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    private Tensor Rows(Tensor tensor) => tensor.RowRange(0, Tokens);

    private Tensor Columns(Tensor tensor) => _mode == ActivationMode.ForwardOnly ? default : tensor.ColumnRange(0, Tokens);
}
