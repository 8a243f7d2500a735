using System.CommandLine;

namespace Actors.Cli.Commands;

/// <summary>Options that limit an amount.</summary>
internal static class LimitOptions
{
    public static Option<string?> Create(string name, string description) => new(name) { Description = description, HelpName = "X" };

    /// <summary>The limit; infinite where none is given.</summary>
    /// <exception cref="UsageException">It is no number of 0 or more.</exception>
    public static double Read(Option<string?> option, ParseResult parsed)
        => parsed.GetValue(option) is { } text ? CostText.ReadOne(option.Name, text) : double.PositiveInfinity;
}
