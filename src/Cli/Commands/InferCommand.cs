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
        Required = true,
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
    private readonly PromptOptions _prompt;
    private readonly SettingsOptions _settings;
    private readonly Terminal _terminal;
    private readonly IModelRuns _runs;

    private InferCommand(Command command, Terminal terminal, IModelRuns runs)
    {
        _terminal = terminal;
        _runs = runs;
        command.Add(_model);
        _prompt = new PromptOptions(command, terminal);
        command.Add(_maxTokens);
        command.Add(_temperature);
        command.Add(_topP);
        command.Add(_seed);
        command.Add(_metricsPort);
        command.Add(_noEcho);
        _settings = SettingsOptions.WithoutProfile(command);
    }

    public static Command Create(Terminal terminal, IModelRuns runs)
    {
        var command = new CommandWithExamples(
            "infer",
            "Let a model go on with a text",
            "infer --model runs/quickstart --prompt 'public sealed class '",
            "infer --model DIR --prompt 'Once upon a time' --temperature 0.7 --max-tokens 200");
        var infer = new InferCommand(command, terminal, runs);
        command.SetAction(infer.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        string model = ModelFolder.Require(parsed.GetValue(_model)!);
        LayeredConfiguration configuration = _settings.Load(parsed, Overrides(parsed, model));
        ActorsSettings settings = CheckedSettings.Read(configuration);
        byte[] prompt = await _prompt.ReadAsync(parsed, stop);
        bool isJson = parsed.GetValue(GlobalOptions.Json);
        var request = new InferRequest(configuration, settings, prompt, EchoesPrompt: !isJson && !parsed.GetValue(_noEcho))
        {
            MetricsPort = MetricsOption.PortOf(parsed, _metricsPort),
        };
        var view = new TextView(_terminal, isJson);
        InferenceReport report = await _runs.InferAsync(request, view, stop);
        view.Finish(report);
        return ExitCode.Success;
    }

    private List<ConfigurationOverride> Overrides(ParseResult parsed, string model)
    {
        List<ConfigurationOverride> overrides = [ConfigurationOverride.Of("--model", "actors.model.path", model)];
        if (parsed.GetValue(_maxTokens) is { } maxTokens)
        {
            overrides.Add(ConfigurationOverride.Of("--max-tokens", "actors.inference.max-new-tokens", maxTokens));
        }

        if (parsed.GetValue(_temperature) is { } temperature)
        {
            overrides.Add(ConfigurationOverride.Of("--temperature", "actors.inference.temperature", temperature));
        }

        if (parsed.GetValue(_topP) is { } topP)
        {
            overrides.Add(ConfigurationOverride.Of("--top-p", "actors.inference.top-p", topP));
        }

        if (parsed.GetValue(_seed) is { } seed)
        {
            overrides.Add(ConfigurationOverride.Of("--seed", "actors.inference.seed", seed));
        }

        return overrides;
    }
}
