using System.CommandLine;
using System.CommandLine.Parsing;
using Actors.Schedules;

namespace Actors.Cli;

/// <summary>Says in one line what is wrong with a command line, and which command or option was probably meant.</summary>
internal static class UsageErrors
{
    /// <summary>The first error; null where there is none.</summary>
    public static string? Of(ParseResult parsed)
    {
        CommandResult result = parsed.CommandResult;
        bool isOwnAction = parsed.Action is not null && parsed.Action == result.Command.Action;
        if (parsed.Errors.Count == 0 && !isOwnAction)
        {
            return null;
        }

        string command = NameOf(result);
        if (StrayOption(parsed) is { } option)
        {
            return Unrecognized("option", option, Nearest(option.Split('=')[0], OptionsOf(result)), command);
        }

        if (parsed.UnmatchedTokens is [string word, ..])
        {
            return Taken(result, word) is { } taken
                ? $"{taken}; see {command} --help"
                : Unrecognized("command or argument", word, Nearest(word, result.Command.Subcommands.Where(inner => !inner.Hidden).Select(inner => inner.Name)), command);
        }

        return parsed.Errors.Count == 0 ? null : $"{parsed.Errors[0].Message.TrimEnd('.')}; see {command} --help";
    }

    private static string Unrecognized(string kind, string text, string? nearest, string command) => nearest is null
        ? $"Unrecognized {kind} '{text}'; see {command} --help"
        : $"Unrecognized {kind} '{text}'; did you mean {nearest}? See {command} --help";

    /// <summary>What looks like an option and was taken for an argument, or for nothing.</summary>
    private static string? StrayOption(ParseResult parsed)
    {
        IEnumerable<string> arguments = parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash)
            ? []
            : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value);
        return arguments.Concat(parsed.UnmatchedTokens).FirstOrDefault(text => text.Length > 1 && text[0] == '-');
    }

    /// <summary>The error for a second value of an argument that takes one.</summary>
    private static string? Taken(CommandResult result, string word)
    {
        ArgumentResult? taken = result.Children.OfType<ArgumentResult>().LastOrDefault(argument => argument.Tokens.Count > 0);
        string texts = result.Command.Options.Any(option => option.Name == "--data") ? " (several texts: --data A --data B)" : "";
        return taken is null ? null : $"{taken.Argument.Name} is '{taken.Tokens[0].Value}' and again '{word}': name one{texts}";
    }

    private static IEnumerable<string> OptionsOf(CommandResult result)
    {
        IEnumerable<Option> options = result.Command.Options;
        for (SymbolResult? outer = result.Parent; outer is CommandResult { Command: var command }; outer = outer.Parent)
        {
            options = options.Concat(command.Options.Where(option => option.Recursive));
        }

        return options.Where(option => !option.Hidden).SelectMany(option => option.Aliases.Prepend(option.Name));
    }

    /// <summary>The name that begins with the text, or differs from it in few letters; how many dashes there are does not count.</summary>
    private static string? Nearest(string text, IEnumerable<string> names)
    {
        string word = text.TrimStart('-');
        return names
            .Select(name => (Name: name, Distance: Distance(word, name.TrimStart('-'))))
            .Where(near => near.Distance <= (word.Length + 1) / 3)
            .OrderBy(near => near.Distance)
            .Select(near => near.Name)
            .FirstOrDefault();
    }

    private static int Distance(string word, string name) =>
        word.Length > 2 && name.StartsWith(word, StringComparison.Ordinal) ? 0 : EditDistance.Between(word, name);

    private static string NameOf(CommandResult result)
    {
        string name = "";
        SymbolResult? outer = result;
        for (; outer is CommandResult { Command: var command, Parent: not null }; outer = outer.Parent)
        {
            name = $" {command.Name}{name}";
        }

        return $"{CommandHelp.RootName}{name}";
    }
}
