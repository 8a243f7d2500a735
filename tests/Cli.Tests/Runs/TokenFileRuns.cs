using System.Text.Json;
using Actors.Model.Tokenizers;

namespace Actors.Cli.Tests.Runs;

/// <summary>From text to an answer with a byte-pair tokenizer, by the command alone.</summary>
public sealed class TokenFileRuns : IDisposable
{
    /// <summary>As in <see cref="TrainingRuns"/>: gradients summed in another order, then losses of float32.</summary>
    private const double LaterStepTolerance = 1e-6;

    private static readonly string[] Masked =
        ["--set", "actors.data.fill-in-middle.rate=0.3", "--set", "actors.data.held-out-fraction=0.2", "--set", "actors.data.document-mask=on"];

    private readonly TinyRuns _tiny = new();
    private readonly string _tokenizer;
    private readonly ITokenizer _tokens;

    public TokenFileRuns()
    {
        _tiny.Folder.Write("tokenizer/tokenizer.json", TinyBytePairs.Json(TinyBytePairs.DeepSeekPieces));
        _tiny.Folder.Write("tokenizer/tokenizer_config.json", """{"bos_token": "<|begin|>", "eos_token": "<|end|>", "add_bos_token": true}""");
        _tokenizer = _tiny.PathOf("tokenizer");
        _tokens = BytePairTokenizer.Read(_tokenizer);
    }

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public async Task A_model_learns_a_token_file_goes_on_with_it_and_answers()
    {
        string file = await TokenizeAsync();
        string[] more = [.. Masked, "--set", "actors.training.learning-rate.decay-until-step=6"];
        CommandRun whole = await TrainAsync(file, "whole", ["--steps", "6", .. more]);
        CommandRun half = await TrainAsync(file, "half", ["--steps", "3", .. more]);
        CommandRun rest = await TrainAsync(file, "half", ["--steps", "6", "--resume", _tiny.PathOf("half"), .. more]);

        Assert.Equal(0, whole.Code);
        double[] inTwoRuns = [.. TinyRuns.Losses(half), .. TinyRuns.Losses(rest)];
        Assert.Equal(TinyRuns.Losses(whole), inTwoRuns);
        Assert.True(double.IsFinite(whole.JsonLines.Last().GetProperty("heldOutLoss").GetDouble()));

        string checkpoint = Path.Combine(_tiny.PathOf("whole"), "step-00000006");
        Assert.Equal(File.ReadAllBytes(Path.Combine(_tokenizer, "tokenizer.json")), File.ReadAllBytes(Path.Combine(checkpoint, "tokenizer.json")));
        using JsonDocument generation = JsonDocument.Parse(File.ReadAllText(Path.Combine(checkpoint, "generation_config.json")));
        Assert.Equal(_tokens.BeginToken, generation.RootElement.GetProperty("bos_token_id").GetInt32());
        Assert.Equal(_tokens.EndToken, generation.RootElement.GetProperty("eos_token_id").GetInt32());

        CommandRun answer = await TinyRuns.RunAsync("infer", "--model", _tiny.PathOf("whole"), "--prompt", "the cat 世", "--max-tokens", "4");
        Assert.Equal(0, answer.Code);
        Assert.Contains("the cat 世", answer.Output, StringComparison.Ordinal);
        Assert.Contains($"{_tokens.EncodePrompt("the cat 世"u8).Length} tokens read", answer.Error, StringComparison.Ordinal);
    }

    /// <summary>Packed documents, some of them reordered, held-out ones and masks: the serial trainer draws the sequences of the ranks.</summary>
    [Theory]
    [InlineData("off")]
    [InlineData("on")]
    public async Task The_serial_trainer_sees_the_same_sequences(string mask)
    {
        string file = await TokenizeAsync();
        string[] more = [.. Masked, "--set", $"actors.data.document-mask={mask}", "--set", "actors.model.predict-layers=1"];
        string[] one = [.. more, "--set", "actors.parallel.pipeline-ranks=1", "--set", "actors.parallel.expert-ranks=1", "--set", "actors.parallel.ranks-per-node=1", "--set", "actors.pipeline.schedule=1f1b"];
        CommandRun serial = await TrainAsync(file, "serial", [.. more, "--serial"]), actors = await TrainAsync(file, "actors", more);
        CommandRun serialOne = await TrainAsync(file, "serial-one", [.. one, "--serial"]), rank = await TrainAsync(file, "rank", one);

        Assert.All([serial, actors, serialOne, rank], run => Assert.True(run.Code == 0, run.Error));
        double[] losses = TinyRuns.Losses(actors), expected = TinyRuns.Losses(serial);
        Assert.Equal(expected[0], losses[0]);
        Assert.All(losses.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, LaterStepTolerance * pair.Second));
        Assert.Equal(HeldOutLoss(serial), HeldOutLoss(actors), LaterStepTolerance * HeldOutLoss(serial));

        // One rank sums gradients in the serial trainer's order.
        Assert.Equal([.. TinyRuns.Losses(serialOne), HeldOutLoss(serialOne)], [.. TinyRuns.Losses(rank), HeldOutLoss(rank)]);
    }

    [Fact]
    public async Task A_text_is_read_with_the_tokenizer_of_the_models_folder()
    {
        CommandRun first = await TrainAsync(_tiny.TextFile, "first", "--steps", "1");
        CommandRun tuned = await _tiny.TrainAsync("tuned", "--steps", "2", "--set", $"actors.model.path={_tiny.PathOf("first")}");

        Assert.Equal((0, 0), (first.Code, tuned.Code));
        Assert.True(File.Exists(Path.Combine(_tiny.PathOf("tuned"), "step-00000002", "tokenizer.json")));
    }

    [Fact]
    public async Task What_does_not_fit_is_refused_in_one_line()
    {
        string file = await TokenizeAsync();
        (string Error, string[] Args)[] wrong =
        [
            ("was made with another tokenizer than bytes", ["--set", "actors.data.tokenizer=bytes"]),
            ("but the model knows 256", ["--set", "actors.model.vocabulary-size=256"]),
            ("which " + Path.Combine(_tokenizer, "tokenizer.json") + " does not have", ["--set", "actors.data.fill-in-middle.rate=0.1", "--set", "actors.data.fill-in-middle.tokens=[a b c, d e f, g h i]"]),
            ("has token files and others", ["--data", _tiny.TextFile]),
        ];
        foreach ((string error, string[] args) in wrong)
        {
            CommandRun run = await TrainAsync(file, "wrong", args);
            Assert.Equal(2, run.Code);
            Assert.Contains(error, run.Error, StringComparison.Ordinal);
        }

        CommandRun text = await _tiny.TrainAsync("wrong", "--set", "actors.data.document-mask=on");
        Assert.Equal(2, text.Code);
        Assert.Contains("actors.data.document-mask is for token files, a text has no documents", text.Error, StringComparison.Ordinal);
    }

    private static double HeldOutLoss(CommandRun run) => run.JsonLines.Last().GetProperty("heldOutLoss").GetDouble();

    private async Task<string> TokenizeAsync()
    {
        string file = _tiny.PathOf("text.tokens");
        CommandRun run = await TinyRuns.RunAsync("tokenize", _tiny.TextFile, "--tokenizer", _tokenizer, "--documents", "\n", "--out", file);
        Assert.Equal(0, run.Code);
        Assert.Matches(@"text\.tokens: \d+ tokens in 200 documents, from .* in 1 files", run.Output);
        return file;
    }

    private Task<CommandRun> TrainAsync(string data, string output, params string[] more) => TinyRuns.RunAsync(
        [
            "train", _tiny.ProfileFile, "--data", data, "--out", _tiny.PathOf(output), "--json", "--set", $"actors.data.tokenizer={_tokenizer}",
            "--set", "actors.model.vocabulary-size=512", .. more,
        ]);
}
