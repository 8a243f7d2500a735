using Actors.Model.Checkpoint;
using Actors.Model.Training;

namespace Actors.Cli.Tests.Runs;

/// <summary>Padding, labels and other tensors in the input of eval, and the files that it must leave alone.</summary>
public sealed class EvaluationInputs : IAsyncLifetime
{
    private readonly TinyRuns _tiny = new();

    private string Model => RunFolder.Resolve(_tiny.PathOf("model"));

    private string Output => _tiny.PathOf("o.safetensors");

    public async Task InitializeAsync() => await _tiny.TrainAsync("model", "--steps", "1");

    public Task DisposeAsync()
    {
        _tiny.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(SafetensorsType.I64, "")]
    [InlineData(SafetensorsType.I32, "--serial")]
    [InlineData(SafetensorsType.U8, "--serial")]
    [InlineData(SafetensorsType.BOOL, "")]
    public async Task Padding_on_the_right_changes_nothing(SafetensorsType type, string serial)
    {
        long[] tokens = [.. Enumerable.Range(0, 10).Select(i => (long)(30 + (i * 7)))];
        string[] more = ["--grads", .. serial.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        await EvaluateAsync(Output, more, ("input_ids", SafetensorsType.I64, [1, 10], tokens));
        string padded = _tiny.PathOf("padded.safetensors");

        CommandRun run = await EvaluateAsync(
            padded, more, ("input_ids", SafetensorsType.I64, [1, 16], [.. tokens, 9, 8, 7, 6, 5, 4]),
            ("attention_mask", type, [1, 16], [.. Enumerable.Range(0, 16).Select(i => i < 10 ? 1L : 0L)]));

        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Contains(" over 10 tokens, ", run.Output, StringComparison.Ordinal);
        using SafetensorsFile one = SafetensorsFile.Open(Output), other = SafetensorsFile.Open(padded);
        Assert.Equal(one.ReadFloats("loss"), other.ReadFloats("loss"));
        Assert.Equal(one.ReadFloats("logits"), other.ReadFloats("logits")[..(10 * 256)]);
        Assert.Equal(one.ReadLongs("topk.1"), other.ReadLongs("topk.1")[..20]);
        Assert.All(
            one.Names.Where(name => name.StartsWith("grad.", StringComparison.Ordinal)),
            name => Assert.All(one.ReadFloats(name).Zip(other.ReadFloats(name)), pair => Assert.Equal(pair.First, pair.Second, 1e-6f)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--serial")]
    public async Task A_label_stands_at_the_place_of_its_own_token(string serial)
    {
        string[] more = serial.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (string, SafetensorsType, long[], long[]) ids = ("input_ids", SafetensorsType.I64, [1, 4], [10, 20, 30, 40]);

        CommandRun run = await EvaluateAsync(Output, more, ids, ("labels", SafetensorsType.I64, [1, 4], [99, -100, 77, -100]));

        Assert.Equal((0, ""), (run.Code, run.Error));
        using SafetensorsFile file = SafetensorsFile.Open(Output);
        float[] row = file.ReadFloats("logits")[256..512];
        double expected = Math.Log(row.Sum(logit => Math.Exp(logit))) - row[77];
        Assert.Equal(expected, file.ReadFloats("loss")[0], 1e-5);
    }

    [Fact]
    public async Task What_is_not_used_is_said()
    {
        CommandRun run = await EvaluateAsync(
            Output, [], ("input_ids", SafetensorsType.I64, [1, 4], [10, 20, 30, 40]), ("labels", SafetensorsType.I64, [1, 4], [10, 20, 30, 40]),
            ("attention_mask", SafetensorsType.I64, [1, 4], [1, 1, 0, 0]), ("position_ids", SafetensorsType.I64, [1, 4], [0, 1, 2, 3]));

        Assert.Equal(0, run.Code);
        Assert.Contains(": 2 labels at places that attention_mask says are padding are not counted", run.Error, StringComparison.Ordinal);
        Assert.Contains(": position_ids: not used; ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("attention_mask", "0 1 1 1 1 1 1 1", "attention_mask has a 0 before a 1 in row 0, at place 0")]
    [InlineData("attention_mask", "1 1 1 1 1 0 1 0", "attention_mask has a 0 before a 1 in row 1, at place 1")]
    [InlineData("attention_mask", "1 1 1 1 1 1 2 1", "attention_mask has 2 at place 2 of row 1")]
    [InlineData("attention_mask", "1 0 0 0 0 0 0 0", "leave no token to predict")]
    [InlineData("attention_mask", "1 1 1 1", "attention_mask is [1, 4]; it must be [2, 4]")]
    [InlineData("labels", "1 1 1 1 1 1 -1 1", "labels has -1 at place 2 of row 1; the vocabulary is 0..255, and -100")]
    [InlineData("labels", "1 1 1 1 1 1 1 256", "labels has 256 at place 3 of row 1")]
    [InlineData("labels", "9 -100 -100 -100 9 -100 -100 -100", "leave no token to predict")]
    [InlineData("labels", "1 1 1 1", "labels is [1, 4]; it must be [2, 4]")]
    public async Task What_means_nothing_is_refused_by_name_and_row(string name, string values, string error)
    {
        long[] given = [.. values.Split(' ').Select(value => long.Parse(value, System.Globalization.CultureInfo.InvariantCulture))];

        CommandRun run = await EvaluateAsync(
            Output, [], ("input_ids", SafetensorsType.I64, [2, 4], [1, 2, 3, 4, 5, 6, 7, 8]), (name, SafetensorsType.I64, [given.Length / 4, 4], given));

        Assert.Equal(2, run.Code);
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Output));
    }

    [Fact]
    public async Task Neither_the_model_nor_the_input_is_replaced()
    {
        string input = _tiny.WriteInput(), weights = Path.Combine(Model, "model.safetensors");
        byte[] before = File.ReadAllBytes(weights), tokens = File.ReadAllBytes(input);

        CommandRun overModel = await TinyRuns.RunAsync("eval", "--model", _tiny.PathOf("model"), "--input", input, "--output", weights);
        CommandRun overInput = await TinyRuns.RunAsync("eval", "--model", _tiny.PathOf("model"), "--input", input, "--output", input);
        CommandRun trace = await _tiny.TrainAsync("more", "--set", $"actors.model.path={Model}", "--trace", weights);
        CommandRun overText = await _tiny.TrainAsync("more", "--trace", _tiny.TextFile);
        CommandRun overProfile = await _tiny.TrainAsync("more", "--trace", _tiny.ProfileFile);

        Assert.All([overModel, overInput, trace, overText, overProfile], run =>
        {
            Assert.Equal(2, run.Code);
            Assert.Contains("which this command reads; name another", run.Error, StringComparison.Ordinal);
        });
        Assert.Equal(before, File.ReadAllBytes(weights));
        Assert.Equal(tokens, File.ReadAllBytes(input));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--serial")]
    public async Task Tokenizer_and_generation_config_go_with_the_model_into_every_checkpoint(string serial)
    {
        string[] names = ["generation_config.json", "tokenizer_config.json", "tokenizer.model", "chat_template.jinja"];
        foreach (string name in names.Append("README.md"))
        {
            File.WriteAllText(Path.Combine(Model, name), "{}");
        }

        string[] more = [.. serial.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--set", "actors.training.checkpoint-every-steps=1"];
        await _tiny.TrainAsync("tuned", ["--steps", "1", "--set", $"actors.model.path={Model}", .. more]);
        CommandRun resumed = await _tiny.TrainAsync("tuned", ["--steps", "5", "--resume", _tiny.PathOf("tuned"), .. more]);

        Assert.Equal(0, resumed.Code);
        string last = Path.Combine(_tiny.PathOf("tuned"), "step-00000005");
        Assert.All(names, name => Assert.True(File.Exists(Path.Combine(last, name)), name));
        Assert.False(File.Exists(Path.Combine(last, "README.md")));
    }

    private async Task<CommandRun> EvaluateAsync(
        string output, string[] more, params (string Name, SafetensorsType Type, long[] Shape, long[] Values)[] tensors)
    {
        string input = _tiny.PathOf("in.safetensors");
        using (SafetensorsWriter writer = SafetensorsWriter.Create(input, [.. tensors.Select(tensor => new SafetensorsTensor(tensor.Name, tensor.Type, tensor.Shape))]))
        {
            foreach ((string name, SafetensorsType _, long[] _, long[] values) in tensors)
            {
                writer.WriteLongs(name, values);
            }

            writer.Commit();
        }

        return await TinyRuns.RunAsync(["eval", "--model", Model, "--input", input, "--output", output, .. more]);
    }
}
