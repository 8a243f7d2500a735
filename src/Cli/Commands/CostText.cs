using System.Collections.Immutable;
using Actors.Runtime.Configuration;
using Actors.Schedules.Timing;

namespace Actors.Cli.Commands;

/// <summary>Numbers and lists of costs as people write them. Errors name the option, what it is and an example.</summary>
internal static class CostText
{
    private const string Units = "KMGT";

    /// <summary>F,I,W[,PAIR[,SEND]], all numbers or all shares of a chunk's whole time: 1,1,1 or 30%,40%,30%,85%.</summary>
    /// <param name="option">Name of the option.</param>
    /// <param name="text">Its value.</param>
    /// <param name="chunkTime">Time of F + I + W where shares are given; null where none is given.</param>
    public static (StageCosts Stage, bool HasPair, double? Send) ReadCosts(string option, string text, double? chunkTime)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        bool areShares = parts.All(part => part.EndsWith('%'));
        double[]? numbers = Numbers(areShares ? [.. parts.Select(part => part[..^1])] : parts);
        if (numbers is null || numbers.Length is < 3 or > 5)
        {
            throw new UsageException(
                $"{option} {text} is not F,I,W[,PAIR[,SEND]]; write three to five numbers of 0 or more, such as 1,1,1,2.5, or shares of a "
                + "chunk's whole time, such as 30%,40%,30%,85%");
        }

        if (!areShares && chunkTime is not null)
        {
            throw new UsageException("--chunk-time is for costs in shares, such as --costs 30%,40%,30%; leave it out");
        }

        if (areShares)
        {
            double sum = numbers[0] + numbers[1] + numbers[2];
            if (Math.Abs(sum - 100) > 1e-6)
            {
                throw new UsageException(FormattableString.Invariant(
                    $"{option} {text}: F, I and W are shares of a chunk's whole time and make 100% together, not {sum:0.######}%"));
            }

            numbers = [.. numbers.Select(number => number / 100 * (chunkTime ?? 1))];
        }

        double? pair = numbers.Length > 3 ? numbers[3] : null;
        return (new StageCosts(numbers[0], numbers[1], numbers[2], pair: pair), pair is not null, numbers.Length > 4 ? numbers[4] : null);
    }

    /// <summary>A list of rows of numbers, one a stage: with semicolons between, or the lines of a file.</summary>
    /// <param name="option">Name of the option.</param>
    /// <param name="text">The list, or the path of a file; in a file <c>#</c> begins a comment.</param>
    /// <param name="stages">Rows that there must be.</param>
    /// <param name="least">Fewest numbers of a row.</param>
    /// <param name="most">Most numbers of a row.</param>
    /// <param name="form">A row's form for people.</param>
    public static ImmutableArray<double[]> ReadStages(string option, string text, int stages, int least, int most, string form)
    {
        bool isFile = File.Exists(text);
        string[] rows = isFile
            ? [.. InputFiles.ReadLines(text).Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0)]
            : text.Split(';', StringSplitOptions.TrimEntries);
        var numbers = ImmutableArray.CreateBuilder<double[]>(rows.Length);
        foreach (string row in rows)
        {
            double[]? read = Numbers(row.Split(',', StringSplitOptions.TrimEntries));
            if (read is null || read.Length < least || read.Length > most)
            {
                throw new UsageException(isFile
                    ? $"{option}: {text} has the line '{row}', which is not {form}; write a line a stage, of numbers of 0 or more"
                    : $"{option} {text} is no file and no list {form};{form};... of stages; write numbers of 0 or more");
            }

            numbers.Add(read);
        }

        return numbers.Count == stages
            ? numbers.DrainToImmutable()
            : throw new UsageException($"{option} has {numbers.Count} stages, and the timetable {stages}: write {stages}, one after the other");
    }

    /// <summary>One or two numbers: the second for what crosses nodes, or gradients.</summary>
    public static (double First, double? Second) ReadTwo(string option, string text, string form)
    {
        double[]? numbers = Numbers(text.Split(',', StringSplitOptions.TrimEntries));
        return numbers is { Length: 1 or 2 }
            ? (numbers[0], numbers.Length > 1 ? numbers[1] : null)
            : throw new UsageException($"{option} {text} is not {form}; write one or two numbers of 0 or more; K, M, G and T are thousands and so on");
    }

    /// <summary>One number.</summary>
    public static double ReadOne(string option, string text)
        => Numbers([text]) is [double number] ? number : throw new UsageException(
            $"{option} {text} is not a number of 0 or more; {(text.Contains(',') ? NumberText.Advice(text, isWhole: false) : "write one, such as 12.5")}");

    /// <summary>A share from 0 to 1, also in percent.</summary>
    public static double ReadShare(string option, string text)
    {
        bool isPercent = text.EndsWith('%');
        double share = Numbers([isPercent ? text[..^1] : text]) is [double number] ? (isPercent ? number / 100 : number) : -1;
        return share is >= 0 and <= 1 ? share : throw new UsageException($"{option} {text} is not a share; write 0 to 1 or 0% to 100%, such as 0.2");
    }

    /// <summary>Finite numbers of 0 or more, or null where one is not.</summary>
    private static double[]? Numbers(string[] parts)
    {
        double[] numbers = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            int unit = parts[i].Length > 0 ? Units.IndexOf(char.ToUpperInvariant(parts[i][^1])) : -1;
            string digits = unit < 0 ? parts[i] : parts[i][..^1];
            if (!NumberText.TryNumber(digits, out double number) || number < 0)
            {
                return null;
            }

            numbers[i] = number * Math.Pow(1000, unit + 1);
            if (!double.IsFinite(numbers[i]))
            {
                return null;
            }
        }

        return numbers;
    }
}
