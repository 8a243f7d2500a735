using System.CommandLine;
using System.CommandLine.Parsing;
using Actors.Cli.BuiltIn;
using Actors.Model.Tokenizers;
using Actors.Model.Training;
using Actors.Runtime.Configuration;
using Actors.Runtime.Data;
using Actors.Runtime.Data.Tokens;

namespace Actors.Cli.Commands;

/// <summary>How a subcommand takes the text to train on.</summary>
internal sealed class DataOptions
{
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "File or folder of text, or token file (actors tokenize), an option for each; this project's own C# sources where none is given",
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
    /// <param name="settings">The settings.</param>
    /// <param name="resumeFolder">What a run goes on from, or null.</param>
    public static ICorpus Load(ActorsSettings settings, string? resumeFolder = null)
    {
        ITokenizer tokenizer = TokenizerOf(settings.Data, resumeFolder ?? settings.Model.Path);
        ICorpus corpus = Load(settings, tokenizer);
        if (settings.Model.Path is null)
        {
            corpus.Require(settings.Training.SequenceLength, settings.Model.Config.VocabularySize);
        }

        return corpus;
    }

    private static ICorpus Load(ActorsSettings settings, ITokenizer tokenizer)
    {
        DataSettings data = settings.Data;
        int tokenFiles = data.Paths.Count(TokenFile.IsAt);
        if (tokenFiles > 0)
        {
            return tokenFiles == data.Paths.Count ? new TokenCorpus(data, tokenizer, settings.Training.Seed)
                : throw new UsageException($"{DataSettings.PathsKey} has token files and others: name either, or make a token file of the others with actors tokenize");
        }

        if (data.FillInMiddleRate > 0)
        {
            throw new UsageException($"{DataSettings.FillInMiddleRateKey} is for token files: make one with actors tokenize, or set it to 0");
        }

        if (data.MasksDocuments)
        {
            throw new UsageException($"{DataSettings.DocumentMaskKey} is for token files, a text has no documents: make one with actors tokenize, or set it to off");
        }

        ByteCorpus text = data.Paths.Count > 0 ? ByteCorpus.Load(data.Paths, data.HeldOutFraction) : BuiltInText.Load(data.HeldOutFraction);
        return tokenizer is ByteTokenizer ? text : new EncodedText(text, tokenizer);
    }

    /// <summary>The tokenizer that the settings name, or that of the model.</summary>
    private static ITokenizer TokenizerOf(DataSettings data, string? modelFolder)
    {
        // What is wrong with the folder itself is said where the model is read.
        bool isRun = Directory.Exists(modelFolder) && Directory.EnumerateDirectories(modelFolder, "step-*").Any();
        string? folder = isRun ? RunFolder.Resolve(modelFolder!) : modelFolder;
        ITokenizer? ofModel = folder is not null && BytePairTokenizer.IsIn(folder) ? BytePairTokenizer.Read(folder) : null;
        if (data.Tokenizer is not { } path)
        {
            return ofModel ?? ByteTokenizer.Instance;
        }

        ITokenizer named = TokenizerSource.Read(path);
        return ofModel is null || ofModel.Hash.Span.SequenceEqual(named.Hash.Span)
            ? named
            : throw new UsageException($"{DataSettings.TokenizerKey} is {path}, but the model in {folder} has a tokenizer of its own: leave the key out");
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
