using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>
/// What an exchange must do, as plain loops over whole arrays: which rows each rank gets in which order, and each token's sum:
/// ranks within a node in rank order, then nodes in node order, float32, rounded to the row type where a row travels.
/// </summary>
internal static class ExpectedExchange
{
    /// <summary>What <paramref name="rank"/> must get, by source rank, then token.</summary>
    public static Arrival ArrivalAt(GroupShape shape, SourceData[] sources, int rank)
    {
        List<float> rows = [], weights = [];
        List<int> experts = [];
        var from = new int[shape.Ranks];
        for (int source = 0; source < shape.Ranks; source++)
        {
            for (int token = 0; token < sources[source].Tokens; token++)
            {
                int[] local = LocalExperts(shape, sources[source], token, rank);
                if (local.All(expert => expert < 0))
                {
                    continue;
                }

                from[source]++;
                rows.AddRange(sources[source].Rows.AsSpan(token * shape.Columns, shape.Columns));
                experts.AddRange(local);
                weights.AddRange(local.Select((expert, k) => expert < 0 ? 0 : sources[source].Weights[(token * shape.Choices) + k]));
            }
        }

        return new Arrival([.. rows], [.. experts], [.. weights], from);
    }

    /// <summary>What the source gets back (tokens, Columns).</summary>
    public static float[] Combined(GroupShape shape, SourceData source, ExchangePhase phase)
    {
        var result = new float[source.Tokens * shape.Columns];
        for (int token = 0; token < source.Tokens; token++)
        {
            Span<float> sum = result.AsSpan(token * shape.Columns, shape.Columns);
            bool first = true;
            for (int node = 0; node < shape.Nodes; node++)
            {
                if (NodeSum(shape, source, token, node, phase) is { } nodeSum)
                {
                    Add(sum, nodeSum, first);
                    first = false;
                }
            }
        }

        return result;
    }

    /// <summary>What the source gets back as gradients of its weights (tokens, Choices).</summary>
    public static float[] WeightGradients(GroupShape shape, SourceData source)
    {
        var result = new float[source.Tokens * shape.Choices];
        for (int i = 0; i < result.Length; i++)
        {
            int expert = source.Experts[i];
            float gradient = source.Gradients[i / shape.Choices * shape.Columns];
            result[i] = expert < 0 ? 0 : RecordingExperts.WeightGradient(gradient, expert % shape.ExpertsPerRank);
        }

        return result;
    }

    /// <summary>Nodes that a token reaches.</summary>
    public static IEnumerable<int> NodesOf(GroupShape shape, SourceData source, int token) => source.Experts
        .Skip(token * shape.Choices).Take(shape.Choices).Where(expert => expert >= 0)
        .Select(expert => shape.NodeOf(shape.RankOfExpert(expert))).Distinct();

    private static float[]? NodeSum(GroupShape shape, SourceData source, int token, int node, ExchangePhase phase)
    {
        float[]? sum = null;
        for (int local = 0; local < shape.RanksPerNode; local++)
        {
            float[]? partial = Partial(shape, source, token, shape.RankAt(node, local), phase);
            if (partial is not null)
            {
                bool first = sum is null;
                sum ??= new float[shape.Columns];
                Add(sum, partial, first);
            }
        }

        return sum is null ? null : [.. sum.Select(value => RowCodec.Rounded(value, shape.RowType))];
    }

    private static float[]? Partial(GroupShape shape, SourceData source, int token, int rank, ExchangePhase phase)
    {
        int[] local = LocalExperts(shape, source, token, rank);
        if (local.All(expert => expert < 0))
        {
            return null;
        }

        bool isForward = phase == ExchangePhase.Forward;
        float factor = isForward ? WeightSum(shape, source, token, local) : RecordingExperts.BackwardFactor(rank);
        return
        [
            .. (isForward ? source.Rows : source.Gradients).Skip(token * shape.Columns).Take(shape.Columns)
                .Select(value => RowCodec.Rounded(value * factor, shape.RowType)),
        ];
    }

    private static float WeightSum(GroupShape shape, SourceData source, int token, int[] local)
    {
        float sum = 0;
        for (int k = 0; k < local.Length; k++)
        {
            sum += local[k] < 0 ? 0 : source.Weights[(token * shape.Choices) + k];
        }

        return sum;
    }

    private static int[] LocalExperts(GroupShape shape, SourceData source, int token, int rank) =>
    [
        .. source.Experts.Skip(token * shape.Choices).Take(shape.Choices)
            .Select(expert => expert >= 0 && shape.RankOfExpert(expert) == rank ? expert % shape.ExpertsPerRank : -1),
    ];

    private static void Add(Span<float> sum, float[] terms, bool first)
    {
        for (int c = 0; c < sum.Length; c++)
        {
            sum[c] = first ? terms[c] : sum[c] + terms[c];
        }
    }
}
