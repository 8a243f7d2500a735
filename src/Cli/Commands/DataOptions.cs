using System.CommandLine;
using System.CommandLine.Parsing;
using Actors.Cli.BuiltIn;
using Actors.Runtime.Configuration;
using Actors.Runtime.Data;

namespace Actors.Cli.Commands;

/// <summary>How a subcommand takes the text to train on.</summary>
internal sealed class DataOptions
{
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "File or folder of text, an option for each; this project's own C# sources where none is given",
        HelpName = "PATH",
    };

    /// <summary>Adds the option to a subcommand.</summary>
    public DataOptions(Command command) => command.Add(_data);

    /// <summary>What the option stands for.</summary>
    /// <exception cref="UsageException">A path looks like a profile, or the profile like a text.</exception>
    public IEnumerable<ConfigurationOverride> Overrides(ParseResult parsed)
    {
        Check(parsed);
        return parsed.GetValue(_data) is { Length: > 0 } paths ? [ConfigurationOverride.Of("--data", "actors.data.paths", paths)] : [];
    }

    /// <summary>Reads the text that settings name, and checks it against fresh models; a folder's sizes are known only later.</summary>
    public static ByteCorpus Load(ActorsSettings settings)
    {
        ByteCorpus corpus = settings.Data.Paths.Count > 0
            ? ByteCorpus.Load(settings.Data.Paths, settings.Data.HeldOutFraction)
            : BuiltInText.Load(settings.Data.HeldOutFraction);
        if (settings.Model.Path is null)
        {
            corpus.Require(settings.Training.SequenceLength, settings.Model.Config.VocabularySize);
        }

        return corpus;
    }

    /// <summary>Refuses what may be a text or a profile, rather than train something else.</summary>
    private void Check(ParseResult parsed)
    {
        string command = parsed.CommandResult.Command.Name;
        foreach (string path in parsed.GetValue(_data) ?? [])
        {
            if (IsProfile(path))
            {
                throw new UsageException(
                    $"--data {path}: this is a profile's ending; a profile stands alone: actors {command} {path} --data TEXT. To train on the file itself: "
                    + $"--set 'actors.data.paths=[\"{path}\"]'");
            }
        }

        List<Token> tokens = [.. parsed.Tokens];
        Token? profile = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).FirstOrDefault();
        int data = tokens.FindIndex(token => token.Type == TokenType.Option && token.Value == _data.Name);
        if (profile?.Value is not { } name || IsProfile(name) || Path.GetExtension(name) == ".json" || BuiltInProfiles.Names.Contains(name))
        {
            return;
        }

        bool isAfterData = data >= 0 && data < tokens.LastIndexOf(profile);
        if (isAfterData || Path.HasExtension(name))
        {
            throw new UsageException(
                $"{name} would be the profile, and a profile's name ends in .conf: a text is --data {name}; a profile without an ending goes before --data");
        }
    }

    private static bool IsProfile(string path) => Path.GetExtension(path).ToLowerInvariant() is ".conf" or ".hocon";
}
