using System.CommandLine;
using System.CommandLine.Parsing;
using Actors.Cli.Progress;
using Actors.Cli.Requests;
using Actors.Model.Training;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Commands;

/// <summary><c>actors train</c>: trains a model and says what it reached.</summary>
internal sealed class TrainCommand
{
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

    private readonly Option<string?> _cluster = new("--cluster")
    {
        Description = "Have a cluster train, named by the address of one of its processes (actors node); they have profile and text",
        HelpName = "HOST:PORT",
    };

    private readonly Option<int?> _metricsPort = MetricsOption.Create();
    private readonly DataOptions _data;
    private readonly KeyOptions _keys;
    private readonly SettingsOptions _settings;
    private readonly Terminal _terminal;
    private readonly IModelRuns _runs;

    private TrainCommand(Command command, Terminal terminal, IModelRuns runs)
    {
        _terminal = terminal;
        _runs = runs;
        _settings = SettingsOptions.WithProfile(command);
        _data = new DataOptions(command);
        _keys = new KeyOptions(command);
        _keys.Add(_steps, "actors.training.steps");
        command.Add(_out);
        command.Add(_resume);
        command.Add(_serial);
        command.Add(_trace);
        command.Add(_cluster);
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
            "train --resume runs/book --data book.txt --steps 1000",
            "train --cluster 127.0.0.1:4053 --out runs/together");
        var train = new TrainCommand(command, terminal, runs);
        command.SetAction(train.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        bool onCluster = parsed.GetValue(_cluster) is not null;
        Func<ITrainingView, Task<TrainingReport>> train;
        if (onCluster)
        {
            ClusterTrainRequest request = ClusterRequestOf(parsed);
            train = view => _runs.TrainOnClusterAsync(request, view, stop);
        }
        else
        {
            TrainRequest request = RequestOf(parsed);
            train = view => _runs.TrainAsync(request, view, stop);
        }

        ITrainingView view = TrainingViews.For(_terminal, parsed.GetValue(GlobalOptions.Json), TimeProvider.System);
        TrainingReport report;
        using (view)
        {
            report = await train(view);
        }

        view.Finish(report, onCluster ? null : ResumeHint(parsed, report));
        return ExitCode.Success;
    }

    /// <summary>A cluster's processes have profile, settings and text: what would change them is refused here.</summary>
    private ClusterTrainRequest ClusterRequestOf(ParseResult parsed)
    {
        if (parsed.GetValue(_out) is not { } output)
        {
            throw new UsageException("--cluster needs --out DIR, a folder that all of its processes see");
        }

        Option[] allowed = [_cluster, _out, GlobalOptions.Json, GlobalOptions.Verbose];
        OptionResult? other = parsed.CommandResult.Children.OfType<OptionResult>()
            .FirstOrDefault(option => !option.Implicit && !allowed.Contains(option.Option) && !_settings.IsSet(option.Option));
        if (other is not null || parsed.CommandResult.Children.OfType<ArgumentResult>().Any(argument => argument.Tokens.Count > 0))
        {
            throw new UsageException(
                $"--cluster: {other?.Option.Name ?? "a profile"} is for training here; a cluster trains what its processes were started with (actors node)");
        }

        return new ClusterTrainRequest(_settings.AddressOf(parsed, parsed.GetValue(_cluster)!), Path.GetFullPath(output));
    }

    private TrainRequest RequestOf(ParseResult parsed)
    {
        LayeredConfiguration configuration = _settings.Load(parsed, [.. _data.Overrides(parsed), .. _keys.Overrides(parsed)]);
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
        PlannedMemory? memory = _runs.CheckTraining(settings, resume, parsed.GetValue(_serial));
        string? given = parsed.GetValue(_out) ?? (resume is null ? null : RunFolder.RootOf(resume));
        string output = given ?? Path.Combine("runs", Path.GetFileNameWithoutExtension(_settings.ProfileOf(parsed)!));
        return new TrainRequest(configuration, settings, DataOptions.Load(settings, resume), output, given is not null, resume, parsed.GetValue(_serial), trace)
        {
            Memory = memory,
            MetricsPort = MetricsOption.PortOf(parsed, _metricsPort),
        };
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
}
