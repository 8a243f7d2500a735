using System.CommandLine;
using Actors.Cli.Progress;
using Actors.Cli.Requests;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Commands;

/// <summary><c>actors infer</c>: goes on with a text.</summary>
internal sealed class InferCommand
{
    private readonly Option<string> _model = new("--model")
    {
        Description = "Folder of the model, or of a checkpoint",
        HelpName = "DIR",
    };

    private readonly Option<int?> _maxTokens = new("--max-tokens")
    {
        Description = "Most tokens to add: actors.inference.max-new-tokens",
        HelpName = "N",
    };

    private readonly Option<double?> _temperature = new("--temperature")
    {
        Description = "Divisor of the logits, 0 for always the likeliest: actors.inference.temperature",
        HelpName = "T",
    };

    private readonly Option<double?> _topP = new("--top-p")
    {
        Description = "Draw among the likeliest tokens that hold this share: actors.inference.top-p",
        HelpName = "P",
    };

    private readonly Option<bool> _noEcho = new("--no-echo") { Description = "Print what the model adds, not the prompt before it" };
    private readonly Option<long?> _seed = new("--seed") { Description = "Decides what is drawn: actors.inference.seed", HelpName = "S" };
    private readonly Option<int?> _metricsPort = MetricsOption.Create();
    private readonly ClusterOptions _cluster;
    private readonly PromptOptions _prompt;
    private readonly KeyOptions _keys;
    private readonly SettingsOptions _settings;
    private readonly Terminal _terminal;
    private readonly IModelRuns _runs;

    private InferCommand(Command command, Terminal terminal, IModelRuns runs)
    {
        _terminal = terminal;
        _runs = runs;
        command.Add(_model);
        _prompt = new PromptOptions(command, terminal);
        _keys = new KeyOptions(command);
        _keys.Add(_maxTokens, "actors.inference.max-new-tokens");
        _keys.Add(_temperature, "actors.inference.temperature");
        _keys.Add(_topP, "actors.inference.top-p");
        _keys.Add(_seed, "actors.inference.seed");
        command.Add(_metricsPort);
        command.Add(_noEcho);
        _settings = SettingsOptions.WithoutProfile(command);
        _cluster = new ClusterOptions(command, [_model, _metricsPort], _settings);
    }

    public static Command Create(Terminal terminal, IModelRuns runs)
    {
        var command = new CommandWithExamples(
            "infer",
            "Let a model go on with a text",
            "infer --model runs/quickstart --prompt 'public sealed class '",
            "infer --model DIR --prompt 'Once upon a time' --temperature 0.7 --max-tokens 200",
            "infer --cluster 127.0.0.1:4053 --prompt 'public sealed class '",
            "infer --cluster 127.0.0.1:4053 --from runs/together --id mine --prompt 'Once upon a time'",
            "infer --cluster 127.0.0.1:4053 --cancel mine");
        var infer = new InferCommand(command, terminal, runs);
        command.SetAction(infer.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        bool isJson = parsed.GetValue(GlobalOptions.Json);
        bool echoes = !isJson && !parsed.GetValue(_noEcho);
        var view = new TextView(_terminal, isJson);
        InferenceReport report;
        if (_cluster.AddressOf(parsed) is not { } cluster)
        {
            report = await _runs.InferAsync(await RequestOfAsync(parsed, echoes, stop), view, stop);
        }
        else if (_cluster.CancelledOf(parsed) is { } cancelled)
        {
            await _runs.CancelInferenceAsync(cluster, cancelled);
            view.Notice($"request {cancelled} ends after its present token");
            return ExitCode.Success;
        }
        else
        {
            InferenceSettings inference = ActorsSettings.Read(_settings.Load(parsed, Overrides(parsed, null))).Inference;
            byte[] prompt = await _prompt.ReadAsync(parsed, stop);
            var request = new ClusterInferRequest(cluster, _cluster.FromOf(parsed), _cluster.IdOf(parsed), prompt, echoes, inference);
            report = await _runs.InferOnClusterAsync(request, view, stop);
        }

        view.Finish(report);
        return ExitCode.Success;
    }

    private async Task<InferRequest> RequestOfAsync(ParseResult parsed, bool echoes, CancellationToken stop)
    {
        string model = ModelFolder.Require(
            parsed.GetValue(_model) ?? throw new UsageException("Option '--model' is required; see actors infer --help"));
        LayeredConfiguration configuration = _settings.Load(parsed, Overrides(parsed, model));
        return new InferRequest(configuration, CheckedSettings.Read(configuration), await _prompt.ReadAsync(parsed, stop), echoes)
        {
            MetricsPort = MetricsOption.PortOf(parsed, _metricsPort),
        };
    }

    private IEnumerable<ConfigurationOverride> Overrides(ParseResult parsed, string? model) =>
        [.. model is null ? (ConfigurationOverride[])[] : [ConfigurationOverride.Of(_model.Name, "actors.model.path", model)], .. _keys.Overrides(parsed)];
}
