using System.CommandLine;
using System.Globalization;
using Actors.Cli.Balance;
using Actors.Cli.Outputs;

namespace Actors.Cli.Commands;

/// <summary><c>actors balance</c>: how evenly the experts of a run were loaded over its steps.</summary>
internal static class BalanceCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new CommandWithExamples(
            "balance",
            "Print how evenly a run's experts were loaded over its steps, from the lines that it wrote with --json",
            "balance run.jsonl -o balance.svg");
        var input = new Argument<string>("FILE") { Description = "Lines that train --json wrote", HelpName = "FILE" };
        var picture = new Option<string?>("--output", "-o") { Description = "Draw it too, as SVG", HelpName = "FILE" };
        command.Add(input);
        command.Add(picture);
        command.SetAction(parsed =>
        {
            string file = parsed.GetValue(input)!;
            OutputFile? output = parsed.GetValue(picture) is { } path ? OutputFile.Of("--output", path, file) : null;
            BalanceSeries series = BalanceSeries.Read(InputFiles.ReadLines(file));
            if (series.Steps.Length == 0)
            {
                throw new UsageException($"{file} has no step with loads of experts; give what actors train --json wrote of a model with experts");
            }

            output?.WriteText(BalanceSvg.Draw(series));
            for (int layer = 0; layer < series.Layers.Length; layer++)
            {
                terminal.Output.WriteLine(LineOf(series, layer, parsed.GetValue(GlobalOptions.Json)));
            }

            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>A layer's mean over the first tenth of the steps, over the last tenth, and its largest value.</summary>
    private static string LineOf(BalanceSeries series, int layer, bool isJson)
    {
        double first = series.Mean(layer, 0, 0.1), last = series.Mean(layer, 0.9, 1);
        double most = series.Values[layer].Where(value => !double.IsNaN(value)).Max();
        return isJson
            ? JsonText.Of(json =>
            {
                json.WriteStartObject();
                json.WriteNumber("layer", series.Layers[layer]);
                json.WriteNumber("steps", series.Steps.Length);
                json.WriteFinite("first", first);
                json.WriteFinite("last", last);
                json.WriteFinite("most", most);
                json.WriteEndObject();
            })
            : string.Create(
                CultureInfo.InvariantCulture,
                $"layer {series.Layers[layer]}: MaxVio {first:0.000} in the first tenth of {series.Steps.Length} steps, {last:0.000} in the last, at most {most:0.000}");
    }
}
