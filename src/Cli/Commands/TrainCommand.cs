using System.CommandLine;
using System.Globalization;
using Actors.Cli.Progress;
using Actors.Cli.Requests;
using Actors.Runtime.Configuration;
using Actors.Runtime.Data;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Commands;

/// <summary><c>actors train</c>: trains a model and says what it reached.</summary>
internal sealed class TrainCommand
{
    private readonly Option<string[]> _data = new("--data")
    {
        Description = "Files and folders of text; the repository's own C# sources where none is given",
        HelpName = "PATH",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int?> _steps = new("--steps") { Description = "Steps to train: actors.training.steps", HelpName = "N" };

    private readonly Option<string?> _out = new("--out")
    {
        Description = "Folder for checkpoints; runs/<profile> where none is given",
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
        var command = new Command("train", "Train a model on text; Ctrl-C finishes the step, writes a checkpoint and says how to resume");
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

        view.Finish(report, ResumeHint(parsed, request, report));
        return ExitCode.Success;
    }

    private TrainRequest RequestOf(ParseResult parsed)
    {
        LayeredConfiguration configuration = _settings.Load(parsed, Overrides(parsed));
        ActorsSettings settings = ActorsSettings.Read(configuration);
        string? resume = parsed.GetValue(_resume);
        string? trace = parsed.GetValue(_trace);
        if (trace is not null && parsed.GetValue(_serial))
        {
            throw new UsageException("--trace shows what ranks do, and --serial has none: leave one out");
        }

        RequireFolder("--resume", resume);
        RequireFolder("--trace", trace is null ? null : Path.GetDirectoryName(Path.GetFullPath(trace)));
        RequireFolder("actors.model.path", settings.Model.Path);
        string output = parsed.GetValue(_out) ?? (resume is null ? null : TrainingCheckpoint.RootOf(resume))
            ?? Path.Combine("runs", Path.GetFileNameWithoutExtension(_settings.ProfileOf(parsed)!));
        return new TrainRequest(configuration, settings, LoadCorpus(settings), output, resume, parsed.GetValue(_serial), trace)
        {
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
            : ByteCorpus.Load([OwnSources()], settings.Data.HeldOutFraction, "*.cs");
        if (settings.Model.Path is null)
        {
            corpus.Require(settings.Training.SequenceLength, settings.Model.Config.VocabularySize);
        }

        return corpus;
    }

    private static string OwnSources()
    {
        string? project = CheckoutFiles.Find("src/Cli/Cli.csproj");
        return project is null
            ? throw new UsageException("no text is named, and the repository's sources are not found from here; name some with --data")
            : Path.GetDirectoryName(Path.GetDirectoryName(project))!;
    }

    private static void RequireFolder(string option, string? folder)
    {
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new UsageException($"{option}: the folder {folder} does not exist");
        }
    }

    /// <summary>The command that goes on: what was asked for, and where.</summary>
    private string? ResumeHint(ParseResult parsed, TrainRequest request, TrainingReport report)
    {
        if (report is not { WasInterrupted: true, CheckpointFolder: not null })
        {
            return null;
        }

        List<string> words = ["actors", "train", _settings.ProfileOf(parsed)!, "--resume", request.OutputFolder];
        AddAll(words, "--data", parsed.GetValue(_data));
        AddAll(words, "--steps", parsed.GetValue(_steps) is { } steps ? [steps.ToString(CultureInfo.InvariantCulture)] : []);
        AddAll(words, "--set", _settings.SetsOf(parsed));
        if (request.IsSerial)
        {
            words.Add("--serial");
        }

        return string.Join(' ', words.Select(Quoted));
    }

    private static void AddAll(List<string> words, string option, string[]? values)
    {
        foreach (string value in values ?? [])
        {
            words.Add(option);
            words.Add(value);
        }
    }

    /// <summary>As a POSIX shell takes it.</summary>
    private static string Quoted(string word)
    {
        bool isPlain = word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:,+@".Contains(c, StringComparison.Ordinal));
        return isPlain ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}
