using System.CommandLine;

namespace Actors.Cli.Commands;

/// <summary>Options of every subcommand.</summary>
internal static class GlobalOptions
{
    /// <summary>Output for machines.</summary>
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Write for machines: one JSON object a line",
        Recursive = true,
    };

    /// <summary>Stack traces, and the log at level debug.</summary>
    public static Option<bool> Verbose { get; } = new("--verbose")
    {
        Description = "Add the stack trace to an error, and log at level debug: actors.log.level",
        Recursive = true,
    };
}
