using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.Tests.Support;

/// <summary>Random exchanges of a group: tokens of each rank and the experts that they chose. Some ranks have no token, some exchanges one expert for all.</summary>
public sealed class ExchangeData
{
    private readonly Random _random;

    /// <summary>Draws exchanges.</summary>
    /// <param name="ranks">Ranks of the group.</param>
    /// <param name="exchanges">How many.</param>
    /// <param name="type">How rows are stored.</param>
    /// <param name="seed">Decides all.</param>
    public ExchangeData(int ranks, int exchanges, ElementType type, int seed)
    {
        _random = new Random(seed);
        (Ranks, Exchanges, Type) = (ranks, exchanges, type);
        int[] nodes = [.. Enumerable.Range(1, ranks).Where(size => ranks % size == 0)];
        RanksPerNode = nodes[_random.Next(nodes.Length)];
        ExpertsPerRank = 1 + _random.Next(6);
        Choices = 1 + _random.Next(Math.Min(8, ranks * ExpertsPerRank));
        Tokens = 1 + _random.Next(20);
        Columns = 1 + _random.Next(70);
        // Packs of 16 bytes and single elements.
        Columns = _random.Next(2) == 0 ? (Columns + 7) / 8 * 8 : Columns;
        Rows = [.. Enumerable.Range(0, ranks).Select(_ => DrawRows())];
        Counts = [.. Enumerable.Range(0, ranks).Select(_ => DrawCounts())];
        (int, int)[] kinds = [.. Enumerable.Range(0, exchanges).Select(_ => (_random.Next(6), _random.Next(ranks * ExpertsPerRank)))];
        Experts = [.. Enumerable.Range(0, ranks).Select(_ => DrawExperts(kinds))];
        Weights = [.. Enumerable.Range(0, ranks).Select(_ => Numbers(exchanges * Tokens * Choices))];
    }

    public int Ranks { get; }

    public int RanksPerNode { get; }

    public int ExpertsPerRank { get; }

    public int Choices { get; }

    /// <summary>Most tokens of a rank in an exchange.</summary>
    public int Tokens { get; }

    public int Columns { get; }

    public int Exchanges { get; }

    public ElementType Type { get; }

    /// <summary>Of each rank the bytes of (exchanges · tokens, columns).</summary>
    public byte[][] Rows { get; }

    /// <summary>Of each rank its tokens in each exchange.</summary>
    public int[][] Counts { get; }

    /// <summary>Of each rank (exchanges · tokens, K).</summary>
    public int[][] Experts { get; }

    /// <summary>Of each rank (exchanges · tokens, K).</summary>
    public float[][] Weights { get; }

    private byte[] DrawRows()
    {
        float[] numbers = Numbers(Exchanges * Tokens * Columns);
        return Type == ElementType.BFloat16
            ? [.. numbers.SelectMany(number => BitConverter.GetBytes(BFloat16.FromSingle(number)))]
            : [.. numbers.SelectMany(BitConverter.GetBytes)];
    }

    private int[] DrawCounts() => [.. Enumerable.Range(0, Exchanges).Select(_ => _random.Next(4) switch
    {
        0 => 0,
        1 => Tokens,
        _ => _random.Next(Tokens + 1),
    })];

    private int[] DrawExperts((int Kind, int Expert)[] kinds)
    {
        var chosen = new int[Exchanges * Tokens * Choices];
        int[] all = [.. Enumerable.Range(0, Ranks * ExpertsPerRank)];
        for (int token = 0; token < Exchanges * Tokens; token++)
        {
            (int kind, int expert) = kinds[token / Tokens];
            _random.Shuffle(all);
            for (int k = 0; k < Choices; k++)
            {
                chosen[(token * Choices) + k] = kind == 0 ? (k == 0 ? expert : -1) : kind == 1 && _random.Next(3) == 0 ? -1 : all[k];
            }
        }

        return chosen;
    }

    private float[] Numbers(int count)
    {
        var numbers = new float[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = (_random.NextSingle() - 0.5f) * (1 << _random.Next(8));
        }

        return numbers;
    }
}
