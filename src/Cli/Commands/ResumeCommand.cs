using System.CommandLine;
using System.CommandLine.Parsing;

namespace Actors.Cli.Commands;

/// <summary>The command that goes on with a run: the one that was typed, with <c>--resume</c> for what it replaces.</summary>
internal static class ResumeCommand
{
    /// <summary>The command, as a POSIX shell takes it.</summary>
    /// <param name="parsed">What was typed.</param>
    /// <param name="folder">Folder of the checkpoints.</param>
    /// <param name="replaced">Options of one value that <c>--resume</c> replaces.</param>
    public static string Of(ParseResult parsed, string folder, params IReadOnlyCollection<Option> replaced)
    {
        List<string> words = [CommandHelp.RootName, parsed.CommandResult.Command.Name];
        string? option = null;
        bool isReplaced = false;
        foreach (Token token in parsed.Tokens)
        {
            switch (token.Type)
            {
                case TokenType.Option:
                    AddFlag(words, option, isReplaced);
                    option = token.Value;
                    isReplaced = replaced.Any(one => one.Name == option || one.Aliases.Contains(option));
                    break;
                case TokenType.Argument when option is not null:
                    if (!isReplaced)
                    {
                        words.AddRange(Given(option, token.Value));
                    }

                    option = null;
                    break;
                case TokenType.Argument or TokenType.DoubleDash:
                    AddFlag(words, option, isReplaced);
                    option = null;
                    words.Add(token.Value);
                    break;
            }
        }

        AddFlag(words, option, isReplaced);
        int firstOption = words.FindIndex(word => word.StartsWith('-'));
        words.InsertRange(firstOption < 0 ? words.Count : firstOption, Given("--resume", folder));
        return string.Join(' ', words.Select(Quoted));
    }

    private static void AddFlag(List<string> words, string? option, bool isReplaced)
    {
        if (option is not null && !isReplaced)
        {
            words.Add(option);
        }
    }

    /// <summary>A value that looks like an option needs the equals sign.</summary>
    private static string[] Given(string option, string value) => value.StartsWith('-') ? [$"{option}={value}"] : [option, value];

    private static string Quoted(string word)
    {
        bool isPlain = word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:,+@".Contains(c, StringComparison.Ordinal));
        return isPlain ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
