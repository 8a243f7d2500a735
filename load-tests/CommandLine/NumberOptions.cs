using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Actors.Runtime.Configuration;

namespace Actors.LoadTests.CommandLine;

/// <summary>Makes options that are numbers in a range, read with <see cref="NumberText"/>.</summary>
internal static class NumberOptions
{
    /// <summary>The longest time of a step, a day.</summary>
    public const double MostSeconds = 86_400;

    /// <summary>A whole number, <paramref name="otherwise"/> where it is not given.</summary>
    public static Option<int> Whole(string name, string description, int otherwise, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => ReadWhole(result, most) ?? 0,
    };

    /// <summary>A whole number that may be left out.</summary>
    public static Option<int?> Whole(string name, string description, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => ReadWhole(result, most),
    };

    /// <summary>A time in seconds, at most <see cref="MostSeconds"/>.</summary>
    public static Option<double> Seconds(string name, string description, double otherwise, double least) => new(name)
    {
        Description = description,
        HelpName = "S",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => ReadNumber(result, least, MostSeconds) ?? 0,
    };

    /// <summary>A rate a second, 0 or more, that may be left out.</summary>
    public static Option<double?> Rate(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "R",
        CustomParser = result => ReadNumber(result, 0, 1e12),
    };

    private static int? ReadWhole(ArgumentResult result, int most)
    {
        string text = result.Tokens[^1].Value;
        if (NumberText.TryWhole(text, 1, most, out long number))
        {
            return (int)number;
        }

        result.AddError($"{NameOf(result)} {text}: {NumberText.Advice(text, isWhole: true, 1, most)}");
        return null;
    }

    private static double? ReadNumber(ArgumentResult result, double least, double most)
    {
        string text = result.Tokens[^1].Value;
        bool isNumber = NumberText.TryNumber(text, out double number);
        if (isNumber && number >= least && number <= most)
        {
            return number;
        }

        string advice = isNumber ? string.Create(CultureInfo.InvariantCulture, $"write a number from {least} to {most}") : NumberText.Advice(text, isWhole: false);
        result.AddError($"{NameOf(result)} {text}: {advice}");
        return null;
    }

    private static string NameOf(ArgumentResult result) => ((OptionResult)result.Parent!).Option.Name;
}
