using System.CommandLine;

namespace Actors.Cli;

/// <summary>A subcommand whose help ends with examples.</summary>
/// <param name="name">Its name.</param>
/// <param name="description">What it does.</param>
/// <param name="examples">Command lines without the command's own name.</param>
internal sealed class CommandWithExamples(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Command lines without the command's own name.</summary>
    public IReadOnlyList<string> Examples => examples;
}
