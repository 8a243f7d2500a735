using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Actors.Cli;

/// <summary>
/// Help of a command: what it does, its arguments and options, examples, exit codes. A command around it may take an argument of its own, as
/// <c>actors schedule</c> does; its subcommands do not, so their help leaves it out.
/// </summary>
internal sealed class CommandHelp : SynchronousCommandLineAction
{
    /// <summary>The command's name, whatever file it runs from.</summary>
    public const string RootName = "actors";

    private const string ExitCodes =
        """
        Exit codes:
          0  done, or stopped as asked
          1  failed
          2  wrong input: options, configuration, files

        """;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        for (SymbolResult? outer = parseResult.CommandResult.Parent; outer is CommandResult { Command: var command }; outer = outer.Parent)
        {
            foreach (Argument argument in command.Arguments)
            {
                argument.Hidden = true;
            }
        }

        TextWriter output = parseResult.InvocationConfiguration.Output;
        using var text = new StringWriter { NewLine = "\n" };
        parseResult.InvocationConfiguration.Output = text;
        int code = new HelpAction().Invoke(parseResult);
        parseResult.InvocationConfiguration.Output = output;
        output.WriteLine(text.ToString().TrimEnd().Replace($"  {RootCommand.ExecutableName} ", $"  {RootName} ", StringComparison.Ordinal));
        output.WriteLine();
        IReadOnlyList<string> examples = ExamplesOf(parseResult.CommandResult.Command);
        if (examples.Count > 0)
        {
            output.WriteLine($"Examples:\n{string.Join('\n', examples.Select(example => $"  {RootName} {example}"))}\n");
        }

        output.Write(ExitCodes);
        return code;
    }

    /// <summary>Command lines without the command's own name: those of a command, or the first of each subcommand.</summary>
    public static IReadOnlyList<string> ExamplesOf(Command command) => command is RootCommand
        ? [.. command.Subcommands.OfType<CommandWithExamples>().Select(inner => inner.Examples[0])]
        : (command as CommandWithExamples)?.Examples ?? [];
}
