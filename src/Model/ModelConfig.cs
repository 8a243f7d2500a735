namespace Actors.Model;

/// <summary>
/// Sizes and rules of a DeepSeek-V3-style model, immutable. Every property names the key of the Hugging Face
/// <c>deepseek_v3</c> config.json that it stands for; what has one supported value only (SiLU, no attention bias,
/// interleaved rotary pairs) has no property.
/// </summary>
public sealed record ModelConfig
{
    /// <summary><c>vocab_size</c>: number of tokens.</summary>
    public required int VocabularySize { get; init; }

    /// <summary><c>hidden_size</c>: elements of a token's hidden row.</summary>
    public required int HiddenSize { get; init; }

    /// <summary><c>intermediate_size</c>: inner elements of a dense feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary><c>moe_intermediate_size</c>: inner elements of one expert.</summary>
    public required int ExpertIntermediateSize { get; init; }

    /// <summary><c>num_hidden_layers</c>: transformer layers, multi-token-prediction modules not counted.</summary>
    public required int Layers { get; init; }

    /// <summary><c>num_attention_heads</c>.</summary>
    public required int Heads { get; init; }

    /// <summary><c>n_shared_experts</c>: together one feed-forward of this many times the expert's inner elements; 0 for none.</summary>
    public int SharedExperts { get; init; } = 1;

    /// <summary><c>n_routed_experts</c>.</summary>
    public required int RoutedExperts { get; init; }

    /// <summary><c>routed_scaling_factor</c>: factor of the routed experts' weights.</summary>
    public double RoutedScalingFactor { get; init; } = 2.5;

    /// <summary><c>kv_lora_rank</c>: elements of the compressed key and value.</summary>
    public required int KeyValueRank { get; init; }

    /// <summary><c>q_lora_rank</c>: elements of the compressed query; null where the query is one product.</summary>
    public int? QueryRank { get; init; }

    /// <summary><c>qk_rope_head_dim</c>: elements of a query head with rotary position, shared by all heads in the key.</summary>
    public required int RopeHeadSize { get; init; }

    /// <summary><c>qk_nope_head_dim</c>: elements of a query or key head without position.</summary>
    public required int NopeHeadSize { get; init; }

    /// <summary><c>v_head_dim</c>: elements of a value head.</summary>
    public required int ValueHeadSize { get; init; }

    /// <summary><c>n_group</c>: equal, contiguous groups of experts.</summary>
    public int ExpertGroups { get; init; } = 1;

    /// <summary><c>topk_group</c>: groups that a token may use.</summary>
    public int ExpertGroupsKept { get; init; } = 1;

    /// <summary><c>num_experts_per_tok</c>: experts chosen for a token.</summary>
    public required int ExpertsPerToken { get; init; }

    /// <summary><c>first_k_dense_replace</c>: layers before the first one with experts.</summary>
    public int FirstDenseLayers { get; init; }

    /// <summary><c>norm_topk_prob</c>: divide the chosen experts' scores by their sum.</summary>
    public bool NormalizeExpertWeights { get; init; } = true;

    /// <summary><c>max_position_embeddings</c>: the longest sequence in tokens.</summary>
    public required int MaxPositions { get; init; }

    /// <summary><c>initializer_range</c>: standard deviation of fresh weights.</summary>
    public double InitializerRange { get; init; } = 0.02;

    /// <summary><c>rms_norm_eps</c>: added to the mean square.</summary>
    public double RmsNormEpsilon { get; init; } = 1e-6;

    /// <summary><c>rope_parameters</c>, or <c>rope_theta</c> and <c>rope_scaling</c>.</summary>
    public RopeConfig Rope { get; init; } = new();

    /// <summary><c>tie_word_embeddings</c>: the output head is the embedding.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>
    /// <c>num_nextn_predict_layers</c>: multi-token-prediction modules, whose layers are numbered behind the model's. A checkpoint may lack their tensors.
    /// </summary>
    public int PredictLayers { get; init; }

    /// <summary>Layers with those of the modules, each of which has experts.</summary>
    public int AllLayers => Layers + PredictLayers;

    /// <summary><c>bos_token_id</c>: token that begins a text, or null.</summary>
    public int? BeginTokenId { get; init; }

    /// <summary><c>eos_token_id</c>: the tokens that end a text.</summary>
    public EndTokens EndTokenIds { get; init; } = EndTokens.None;

    /// <summary>Elements of a query head: without position first, then with it.</summary>
    public int QueryHeadSize => NopeHeadSize + RopeHeadSize;

    /// <summary>Experts of one group.</summary>
    public int ExpertsPerGroup => RoutedExperts / ExpertGroups;

    /// <summary>The multi-token-prediction module, from 1, that layer <paramref name="layer"/> belongs to; 0: it is one of the model.</summary>
    public int ModuleOf(int layer) => Math.Max(0, layer - Layers + 1);

    /// <summary>Whether layer <paramref name="layer"/> (from 0) has experts instead of a dense feed-forward.</summary>
    public bool HasExperts(int layer) => layer >= FirstDenseLayers;

    /// <summary>Checks ranges and what must divide what.</summary>
    /// <exception cref="ModelConfigException">Names the first key that breaks a rule, its value and the rule.</exception>
    public void Validate()
    {
        ValidateSizes();
        ValidateExperts();
        ValidateProducts();
        ValidateNumbers();
        ValidateToken("bos_token_id", BeginTokenId);
        foreach (int id in EndTokenIds.Ids)
        {
            ValidateToken("eos_token_id", id);
        }

        Rope.Validate();
    }

    private void ValidateSizes()
    {
        AtLeast(1, "vocab_size", VocabularySize);
        AtLeast(1, "hidden_size", HiddenSize);
        AtLeast(1, "intermediate_size", IntermediateSize);
        AtLeast(1, "num_hidden_layers", Layers);
        AtLeast(1, "num_attention_heads", Heads);
        AtLeast(1, "kv_lora_rank", KeyValueRank);
        AtLeast(1, "q_lora_rank", QueryRank ?? 1);
        AtLeast(2, "qk_rope_head_dim", RopeHeadSize);
        Require(RopeHeadSize % 2 == 0, "qk_rope_head_dim", $"{RopeHeadSize} is odd: rotary embedding turns pairs; make it even");
        AtLeast(1, "qk_nope_head_dim", NopeHeadSize);
        AtLeast(1, "v_head_dim", ValueHeadSize);
        AtLeast(1, "max_position_embeddings", MaxPositions);
        AtLeast(0, "num_nextn_predict_layers", PredictLayers);
        Require(PredictLayers < MaxPositions, "num_nextn_predict_layers", $"{PredictLayers} modules predict beyond max_position_embeddings = {MaxPositions}");
        AtLeast(0, "first_k_dense_replace", FirstDenseLayers);
        Require(
            FirstDenseLayers <= Layers,
            "first_k_dense_replace",
            $"{FirstDenseLayers} is more than num_hidden_layers = {Layers}");
    }

    private void ValidateExperts()
    {
        AtLeast(1, "moe_intermediate_size", ExpertIntermediateSize);
        AtLeast(0, "n_shared_experts", SharedExperts);
        AtLeast(1, "n_routed_experts", RoutedExperts);
        AtLeast(1, "n_group", ExpertGroups);
        AtLeast(1, "topk_group", ExpertGroupsKept);
        AtLeast(1, "num_experts_per_tok", ExpertsPerToken);
        Require(
            RoutedExperts % ExpertGroups == 0,
            "n_routed_experts",
            $"{RoutedExperts} is not divisible by n_group = {ExpertGroups}");
        Require(
            ExpertsPerGroup >= 2 || ExpertGroups == 1,
            "n_group",
            $"{ExpertGroups} leaves {ExpertsPerGroup} expert a group: a group's score needs two; make n_group at most {Math.Max(1, RoutedExperts / 2)}");
        Require(
            ExpertGroupsKept <= ExpertGroups,
            "topk_group",
            $"{ExpertGroupsKept} is more than n_group = {ExpertGroups}");
        Require(
            ExpertsPerToken <= ExpertGroupsKept * ExpertsPerGroup,
            "num_experts_per_tok",
            $"{ExpertsPerToken} is more than the {ExpertGroupsKept * ExpertsPerGroup} experts of topk_group = {ExpertGroupsKept} groups");
    }

    /// <summary>Rows and columns of matrices are counted in 32 bits.</summary>
    private void ValidateProducts()
    {
        long heads = Math.Max((long)NopeHeadSize + RopeHeadSize, (long)NopeHeadSize + ValueHeadSize);
        RequireFit("num_attention_heads", $"{Heads} heads of {heads} elements", Heads, heads);
        RequireFit("kv_lora_rank", "the elements of the compressed query, key and value", 1, (long)(QueryRank ?? 0) + KeyValueRank + RopeHeadSize);
        RequireFit("intermediate_size", $"twice {IntermediateSize}", 2, IntermediateSize);
        long rows = Math.Max(2L * ExpertIntermediateSize, HiddenSize);
        RequireFit("n_routed_experts", $"{RoutedExperts} experts with {rows} rows", RoutedExperts, rows);
        RequireFit("n_shared_experts", $"{SharedExperts} experts with {2L * ExpertIntermediateSize} rows", Math.Max(1, SharedExperts), 2L * ExpertIntermediateSize);
    }

    private static void RequireFit(string key, string what, long count, long size) =>
        Require(size <= int.MaxValue / Math.Max(count, 1), key, $"{what} are more than a matrix can have, {int.MaxValue}; choose smaller sizes");

    private void ValidateNumbers()
    {
        RequirePositive("routed_scaling_factor", RoutedScalingFactor);
        RequirePositive("initializer_range", InitializerRange);
        RequirePositive("rms_norm_eps", RmsNormEpsilon);
    }

    private void ValidateToken(string key, int? id) =>
        Require(
            id is null || (id >= 0 && id < VocabularySize),
            key,
            $"{id} is no token of vocab_size = {VocabularySize}; give 0..{VocabularySize - 1} or null");

    private static void AtLeast(int least, string key, int value) => Require(value >= least, key, $"{value} is less than {least}");

    private static void RequirePositive(string key, double value) =>
        Require(value > 0 && double.IsFinite(value), key, $"{value} is not a positive finite number");

    private static void Require(bool holds, string key, string broken)
    {
        if (!holds)
        {
            throw new ModelConfigException(key, broken);
        }
    }
}
