using System.CommandLine;
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
                    one.CustomParser = result => (int)(NumberArgument.Whole(result, int.MinValue, int.MaxValue) ?? 0);
                    break;
                case Option<int?> one:
                    one.CustomParser = result => (int?)NumberArgument.Whole(result, int.MinValue, int.MaxValue);
                    break;
                case Option<long> one:
                    one.CustomParser = result => NumberArgument.Whole(result, long.MinValue, long.MaxValue) ?? 0;
                    break;
                case Option<long?> one:
                    one.CustomParser = result => NumberArgument.Whole(result, long.MinValue, long.MaxValue);
                    break;
                case Option<double> one:
                    one.CustomParser = result => NumberArgument.Number(result) ?? 0;
                    break;
                case Option<double?> one:
                    one.CustomParser = result => NumberArgument.Number(result);
                    break;
            }
        }

        foreach (Command inner in command.Subcommands)
        {
            MakeStrict(inner);
        }
    }
}
