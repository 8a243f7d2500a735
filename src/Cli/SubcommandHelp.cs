using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Actors.Cli;

/// <summary>
/// Help of a command. A command around it may take an argument of its own, as <c>actors schedule</c> does; its subcommands do not, so their
/// help leaves it out.
/// </summary>
internal sealed class SubcommandHelp : SynchronousCommandLineAction
{
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

        return new HelpAction().Invoke(parseResult);
    }
}
