using System.CommandLine;
using System.CommandLine.Parsing;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Commands;

/// <summary>Makes every option that is a number read it with <see cref="NumberText"/>.</summary>
internal static class NumberOptions
{
    /// <summary>Sets the parser of a command's options and of its subcommands'.</summary>
    public static void MakeStrict(Command command)
    {
        foreach (Option option in command.Options)
        {
            switch (option)
            {
                case Option<int> one:
                    one.CustomParser = result => (int)(Whole(result, int.MinValue, int.MaxValue) ?? 0);
                    break;
                case Option<int?> one:
                    one.CustomParser = result => (int?)Whole(result, int.MinValue, int.MaxValue);
                    break;
                case Option<long> one:
                    one.CustomParser = result => Whole(result, long.MinValue, long.MaxValue) ?? 0;
                    break;
                case Option<long?> one:
                    one.CustomParser = result => Whole(result, long.MinValue, long.MaxValue);
                    break;
                case Option<double> one:
                    one.CustomParser = result => Number(result) ?? 0;
                    break;
                case Option<double?> one:
                    one.CustomParser = Number;
                    break;
            }
        }

        foreach (Command inner in command.Subcommands)
        {
            MakeStrict(inner);
        }
    }

    private static long? Whole(ArgumentResult result, long least, long most)
    {
        string text = result.Tokens[^1].Value;
        return NumberText.TryWhole(text, least, most, out long number)
            ? number
            : Refuse<long>(result, text, NumberText.Advice(text, isWhole: true, least, most));
    }

    private static double? Number(ArgumentResult result)
    {
        string text = result.Tokens[^1].Value;
        return NumberText.TryNumber(text, out double number) ? number : Refuse<double>(result, text, NumberText.Advice(text, isWhole: false));
    }

    private static T? Refuse<T>(ArgumentResult result, string text, string advice)
        where T : struct
    {
        string option = ((OptionResult)result.Parent!).Option.Name;
        result.AddError($"Cannot parse argument '{text}' for option '{option}': {advice}");
        return null;
    }
}
