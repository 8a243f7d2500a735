using Actors.Tensors.Formats;

namespace Actors.LoadTests.Exchange;

/// <summary>A rank's tokens with the experts that a node-limited gate with random scores chooses for them, as the published model's does: 8 of 256, of 4 of 8 groups.</summary>
internal sealed class ExchangeTokens
{
    public const int Experts = 256, Choices = 8;
    private const int Groups = 8, GroupsKept = 4, GroupSize = Experts / Groups;

    /// <summary>Draws tokens.</summary>
    public ExchangeTokens(int count, int columns, int seed)
    {
        var random = new Random(seed);
        Count = count;
        Rows = new ushort[(long)count * columns];
        for (long i = 0; i < Rows.LongLength; i++)
        {
            Rows[i] = BFloat16.FromSingle(random.NextSingle() - 0.5f);
        }

        Chosen = new int[count * Choices];
        Weights = new float[count * Choices];
        Array.Fill(Weights, 1f / Choices);
        var scores = new double[Experts];
        for (int token = 0; token < count; token++)
        {
            Choose(random, scores, Chosen.AsSpan(token * Choices, Choices));
        }
    }

    public int Count { get; }

    /// <summary>bfloat16 (count, columns).</summary>
    public ushort[] Rows { get; }

    /// <summary>(count, K).</summary>
    public int[] Chosen { get; }

    /// <summary>(count, K).</summary>
    public float[] Weights { get; }

    /// <summary>Ranks that hold any of a token's experts.</summary>
    public int RanksOf(int token, int ranks) =>
        Chosen.AsSpan(token * Choices, Choices).ToArray().Select(expert => expert / (Experts / ranks)).Distinct().Count();

    /// <summary>Tokens that go to a rank.</summary>
    public int CountTo(int rank, int ranks) => Enumerable.Range(0, Count).Count(token =>
        Chosen.AsSpan(token * Choices, Choices).ToArray().Any(expert => expert / (Experts / ranks) == rank));

    private static void Choose(Random random, double[] scores, Span<int> chosen)
    {
        for (int expert = 0; expert < scores.Length; expert++)
        {
            scores[expert] = random.NextDouble();
        }

        int[] kept = [.. Enumerable.Range(0, Groups)
            .OrderByDescending(group => scores.AsSpan(group * GroupSize, GroupSize).ToArray().OrderDescending().Take(2).Sum()).Take(GroupsKept)];
        Enumerable.Range(0, Experts).Where(expert => kept.Contains(expert / GroupSize)).OrderByDescending(expert => scores[expert]).Take(Choices).ToArray().CopyTo(chosen);
    }
}
