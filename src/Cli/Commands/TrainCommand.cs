using System.CommandLine;
using System.CommandLine.Parsing;
using Actors.Cli.BuiltIn;
using Actors.Cli.Progress;
using Actors.Cli.Requests;
using Actors.Model.Training;
using Actors.Runtime.Configuration;
using Actors.Runtime.Data;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Memory;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Commands;

/// <summary><c>actors train</c>: trains a model and says what it reached.</summary>
internal sealed class TrainCommand
{
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "File or folder of text, an option for each; this project's own C# sources where none is given",
        HelpName = "PATH",
    };

    private readonly Option<int?> _steps = new("--steps") { Description = "Steps to train: actors.training.steps", HelpName = "N" };

    private readonly Option<string?> _out = new("--out")
    {
        Description = "Folder for checkpoints, of this run alone; where none is given runs/<profile>, or runs/<profile>-2 and so on",
        HelpName = "DIR",
    };

    private readonly Option<string?> _resume = new("--resume")
    {
        Description = "Go on from the checkpoint in this folder",
        HelpName = "DIR",
    };

    private readonly Option<bool> _serial = new("--serial") { Description = "Train without actors, one operation after the other" };

    private readonly Option<string?> _trace = new("--trace")
    {
        Description = "Write a Chrome trace, which Perfetto opens; to a .svg file the timetable of the last step",
        HelpName = "FILE",
    };

    private readonly Option<int?> _metricsPort = MetricsOption.Create();
    private readonly SettingsOptions _settings;
    private readonly Terminal _terminal;
    private readonly IModelRuns _runs;

    private TrainCommand(Command command, Terminal terminal, IModelRuns runs)
    {
        _terminal = terminal;
        _runs = runs;
        _settings = SettingsOptions.WithProfile(command);
        command.Add(_data);
        command.Add(_steps);
        command.Add(_out);
        command.Add(_resume);
        command.Add(_serial);
        command.Add(_trace);
        command.Add(_metricsPort);
    }

    public static Command Create(Terminal terminal, IModelRuns runs)
    {
        var command = new CommandWithExamples(
            "train",
            "Train a model on text; Ctrl-C finishes the step, writes a checkpoint and says how to resume",
            "train",
            "train --data book.txt --steps 500 --out runs/book",
            "train shakespeare --data tinyshakespeare.txt",
            "train my.conf --data a.txt --data b.txt --set actors.training.seed=7",
            "train --resume runs/book --data book.txt --steps 1000");
        var train = new TrainCommand(command, terminal, runs);
        command.SetAction(train.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        TrainRequest request = RequestOf(parsed);
        ITrainingView view = TrainingViews.For(_terminal, parsed.GetValue(GlobalOptions.Json), TimeProvider.System);
        TrainingReport report;
        using (view)
        {
            report = await _runs.TrainAsync(request, view, stop);
        }

        view.Finish(report, ResumeHint(parsed, report));
        return ExitCode.Success;
    }

    private TrainRequest RequestOf(ParseResult parsed)
    {
        CheckData(parsed);
        LayeredConfiguration configuration = _settings.Load(parsed, Overrides(parsed));
        ActorsSettings settings = CheckedSettings.Read(configuration);
        string? resume = parsed.GetValue(_resume);
        string? trace = parsed.GetValue(_trace);
        if (trace is not null && parsed.GetValue(_serial))
        {
            throw new UsageException("--trace shows what ranks do, and --serial has none: leave one out");
        }

        RequireFolder("--resume", resume);
        RequireFolder("--trace", trace is null ? null : Path.GetDirectoryName(Path.GetFullPath(trace)));
        RequireFolder("actors.model.path", resume is null ? settings.Model.Path : null);
        MemoryEstimate memory = _runs.CheckTraining(settings, resume, parsed.GetValue(_serial));
        string? given = parsed.GetValue(_out) ?? (resume is null ? null : RunFolder.RootOf(resume));
        string output = given ?? Path.Combine("runs", Path.GetFileNameWithoutExtension(_settings.ProfileOf(parsed)!));
        return new TrainRequest(configuration, settings, LoadCorpus(settings), output, given is not null, resume, parsed.GetValue(_serial), trace)
        {
            Memory = memory,
            MetricsPort = MetricsOption.PortOf(parsed, _metricsPort),
        };
    }

    private List<ConfigurationOverride> Overrides(ParseResult parsed)
    {
        var overrides = new List<ConfigurationOverride>();
        if (parsed.GetValue(_data) is { Length: > 0 } paths)
        {
            overrides.Add(ConfigurationOverride.Of("--data", "actors.data.paths", paths));
        }

        if (parsed.GetValue(_steps) is { } steps)
        {
            overrides.Add(ConfigurationOverride.Of("--steps", "actors.training.steps", steps));
        }

        return overrides;
    }

    private static ByteCorpus LoadCorpus(ActorsSettings settings)
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

    private static void RequireFolder(string option, string? folder)
    {
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new UsageException($"{option}: the folder {folder} does not exist");
        }
    }

    /// <summary>The command that goes on; null where there is nothing to go on with.</summary>
    private string? ResumeHint(ParseResult parsed, TrainingReport report) => report is { WasInterrupted: true, CheckpointFolder: { } folder }
        ? ResumeCommand.Of(parsed, RunFolder.RootOf(folder) ?? folder, _out, _resume)
        : null;

    /// <summary>Refuses what may be a text or a profile, rather than train something else.</summary>
    private void CheckData(ParseResult parsed)
    {
        foreach (string path in parsed.GetValue(_data) ?? [])
        {
            if (IsProfile(path))
            {
                throw new UsageException(
                    $"--data {path}: this is a profile's ending; a profile stands alone: actors train {path} --data TEXT. To train on the file itself: "
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
