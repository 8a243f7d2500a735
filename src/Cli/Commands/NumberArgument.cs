using System.CommandLine.Parsing;
using System.Globalization;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Commands;

/// <summary>Reads an option's number with <see cref="NumberText"/>. The load tests compile this file too.</summary>
internal static class NumberArgument
{
    /// <summary>A whole number; null, and an error added, where it is none or not in the range.</summary>
    public static long? Whole(ArgumentResult result, long least, long most)
    {
        string text = result.Tokens[^1].Value;
        return NumberText.TryWhole(text, least, most, out long number)
            ? number
            : Refuse<long>(result, text, NumberText.Advice(text, isWhole: true, least, most));
    }

    /// <summary>A number; null, and an error added, where it is none or not in the range.</summary>
    public static double? Number(ArgumentResult result, double least = double.MinValue, double most = double.MaxValue)
    {
        string text = result.Tokens[^1].Value;
        bool isNumber = NumberText.TryNumber(text, out double number);
        return isNumber && number >= least && number <= most ? number
            : Refuse<double>(result, text, isNumber
                ? string.Create(CultureInfo.InvariantCulture, $"write a number from {least} to {most}")
                : NumberText.Advice(text, isWhole: false));
    }

    private static T? Refuse<T>(ArgumentResult result, string text, string advice)
        where T : struct
    {
        string option = ((OptionResult)result.Parent!).Option.Name;
        result.AddError($"Cannot parse argument '{text}' for option '{option}': {advice}");
        return null;
    }
}
