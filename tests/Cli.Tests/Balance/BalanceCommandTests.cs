using System.Xml.Linq;
using Actors.Cli.Balance;

namespace Actors.Cli.Tests.Balance;

public sealed class BalanceCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_train_writes_is_read_and_drawn()
    {
        string text = _folder.Write("text.txt", new string('a', 5000));
        CommandRun run = await CommandRun.With(new FakeRuns(), "train", "--data", text, "--steps", "3", "--json");
        string file = _folder.Write("run.jsonl", run.Output), picture = Path.Combine(_folder.Path, "balance.svg");

        CommandRun balance = CommandRun.Of("balance", file, "-o", picture);

        Assert.Equal((0, ""), (balance.Code, balance.Error));
        Assert.Equal("layer 1: MaxVio 0.600 in the first tenth of 3 steps, 0.600 in the last, at most 0.600\n", balance.Output);
        XElement svg = XDocument.Load(picture).Root!;
        Assert.Equal(2, svg.Elements().Count(element => element.Attribute("class")?.Value is "l" or "m"));
        Assert.Equal(0.6, CommandRun.Of("balance", file, "--json").JsonLines.Single().GetProperty("last").GetDouble());
    }

    [Fact]
    public void Of_a_step_that_was_trained_again_the_last_line_counts_and_other_lines_are_passed_over()
    {
        BalanceSeries series = BalanceSeries.Read(
        [
            "{\"event\":\"notice\",\"text\":\"2\"}", Step(2, (3, 1.5), (7, 0.5)), "no JSON", Step(1, (3, 2)), Step(2, (3, 1), (7, 0.25)), "{\"event\":\"step\",\"step\":3,\"lay",
        ]);

        Assert.Equal([1, 2], series.Steps);
        Assert.Equal([3, 7], series.Layers);
        Assert.Equal([2, 1], series.Values[0]);
        Assert.Equal([double.NaN, 0.25], series.Values[1]);
        Assert.Equal((2, 1, 1.5), (series.Mean(0, 0, 0.1), series.Mean(0, 0.9, 1), series.Mean(0, 0, 1)));
    }

    [Fact]
    public void Many_steps_are_drawn_as_means_of_neighbours()
    {
        BalanceSeries series = BalanceSeries.Read(Enumerable.Range(1, 5000).Select(step => Step(step, (1, 4.0 / step), (2, 0))));

        XElement svg = XDocument.Parse(BalanceSvg.Draw(series)).Root!;

        string[] paths = [.. svg.Elements().Where(element => element.Attribute("class")?.Value is "l" or "m").Select(path => path.Attribute("d")!.Value)];
        Assert.Equal(3, paths.Length);
        Assert.All(paths, path => Assert.Equal(399, path.Count(letter => letter == 'L')));
    }

    [Fact]
    public void A_file_without_steps_is_refused()
    {
        string file = _folder.Write("empty.jsonl", "{\"event\":\"notice\"}\n");
        CommandRun run = CommandRun.Of("balance", file);
        Assert.Equal(2, run.Code);
        Assert.StartsWith($"actors: {file} has no step with loads of experts; ", run.Error, StringComparison.Ordinal);
    }

    private static string Step(int step, params (int Layer, double Value)[] layers) => JsonText.Of(json =>
    {
        json.WriteStartObject();
        json.WriteString("event", "step");
        json.WriteNumber("step", step);
        json.WriteStartArray("layers");
        foreach ((int layer, double value) in layers)
        {
            json.WriteStartObject();
            json.WriteNumber("layer", layer);
            json.WriteNumber("maxViolation", value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
