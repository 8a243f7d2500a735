using System.CommandLine;
using System.Globalization;
using Actors.Cli.Progress;
using Actors.Cli.Requests;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Commands;

/// <summary>
/// <c>actors eval</c>: logits, loss, expert choices and gradients of given tokens, to compare with other implementations.
/// </summary>
internal sealed class EvalCommand
{
    private readonly Option<string> _model = new("--model")
    {
        Description = "Folder of the model, or of a checkpoint",
        HelpName = "DIR",
        Required = true,
    };

    private readonly Option<string> _input = new("--input")
    {
        Description = "Safetensors file with input_ids [batch, sequence]; attention_mask (padding on the right) and labels (-100: none) of that shape count where given",
        HelpName = "FILE.safetensors",
        Required = true,
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "Safetensors file to write: logits, loss, topk.<layer>, and grad.<tensor> with --grads",
        HelpName = "FILE.safetensors",
        Required = true,
    };

    private readonly Option<bool> _gradients = new("--grads") { Description = "Compute gradients too" };
    private readonly Option<bool> _serial = new("--serial") { Description = "Compute without actors, summing in the same order" };
    private readonly SettingsOptions _settings;
    private readonly Terminal _terminal;
    private readonly IModelRuns _runs;

    private EvalCommand(Command command, Terminal terminal, IModelRuns runs)
    {
        _terminal = terminal;
        _runs = runs;
        command.Add(_model);
        command.Add(_input);
        command.Add(_output);
        command.Add(_gradients);
        command.Add(_serial);
        _settings = SettingsOptions.WithoutProfile(command);
    }

    public static Command Create(Terminal terminal, IModelRuns runs)
    {
        var command = new CommandWithExamples(
            "eval",
            "Compute a model's logits, loss and gradients of given tokens",
            "eval --model DIR --input in.safetensors --output out.safetensors --grads");
        var eval = new EvalCommand(command, terminal, runs);
        command.SetAction(eval.RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        bool isJson = parsed.GetValue(GlobalOptions.Json);
        EvaluationReport report = await _runs.EvaluateAsync(RequestOf(parsed), new TextView(_terminal, isJson), stop);
        _terminal.Output.WriteLine(isJson ? ReportJson.Of(report) : string.Create(
            CultureInfo.InvariantCulture,
            $"loss {report.Loss:0.0000000}{ReportText.Predictions(report.PredictionLosses)} over {report.Tokens} tokens, {report.Placement}: {report.OutputFile}"));
        return ExitCode.Success;
    }

    private EvalRequest RequestOf(ParseResult parsed)
    {
        string model = ModelFolder.Require(parsed.GetValue(_model)!);
        string input = parsed.GetValue(_input)!;
        if (!File.Exists(input))
        {
            throw new UsageException($"--input: the file {input} does not exist");
        }

        LayeredConfiguration configuration = _settings.Load(parsed, [ConfigurationOverride.Of("--model", "actors.model.path", model)]);
        return new EvalRequest(
            configuration,
            CheckedSettings.Read(configuration),
            input,
            parsed.GetValue(_output)!,
            parsed.GetValue(_gradients),
            parsed.GetValue(_serial));
    }
}
