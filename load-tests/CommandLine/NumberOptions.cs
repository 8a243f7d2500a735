using System.CommandLine;
using Actors.Cli.Commands;

namespace Actors.LoadTests.CommandLine;

/// <summary>Makes options that are numbers in a range, read as the command reads them.</summary>
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
        CustomParser = result => (int)(NumberArgument.Whole(result, 1, most) ?? 0),
    };

    /// <summary>A whole number that may be left out.</summary>
    public static Option<int?> Whole(string name, string description, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => (int?)NumberArgument.Whole(result, 1, most),
    };

    /// <summary>A time in seconds, at most <see cref="MostSeconds"/>.</summary>
    public static Option<double> Seconds(string name, string description, double otherwise, double least) => new(name)
    {
        Description = description,
        HelpName = "S",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => NumberArgument.Number(result, least, MostSeconds) ?? 0,
    };

    /// <summary>A rate a second, 0 or more, that may be left out.</summary>
    public static Option<double?> Rate(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "R",
        CustomParser = result => NumberArgument.Number(result, 0, 1e12),
    };
}
