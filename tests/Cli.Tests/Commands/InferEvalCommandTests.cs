using System.Text.Json;
using Actors.Cli.Requests;
using Actors.Runtime.Serving;
using Actors.Runtime.Training.Reports;

namespace Actors.Cli.Tests.Commands;

public sealed class InferEvalCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeRuns _runs = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Infer_streams_text_to_stdout_and_speed_to_stderr()
    {
        CommandRun run = await CommandRun.With(_runs, "infer", "--model", _folder.Path, "--prompt", "Hi");

        Assert.Equal((0, "Once upon\u001b\n"), (run.Code, run.Output));
        Assert.Equal(
            "4 tokens read in 20 ms, 3 written at 250 tokens/s\nthe answer ended after as many tokens as were asked for (--max-tokens)\n", run.Error);
    }

    [Fact]
    public async Task A_terminal_is_kept_from_control_characters()
    {
        CommandRun run = await CommandRun.With(_runs, true, ["infer", "--model", _folder.Path, "--prompt", "Hi"]);

        Assert.Equal("Once upon\uFFFD\n", run.Output);
    }

    [Fact]
    public async Task Infer_options_become_settings()
    {
        await CommandRun.With(
            _runs, "infer", "--model", _folder.Path, "--prompt", "Hi", "--max-tokens", "5",
            "--temperature", "0", "--top-p", "0.5", "--seed", "-3",
            "--set", "actors.inference.max-sequences=2");

        Assert.Equal("Hi"u8, _runs.Infer!.Prompt);
        Assert.Equal(_folder.Path, _runs.Infer.Settings.Model.Path);
        var inference = _runs.Infer.Settings.Inference;
        Assert.Equal((5, 2), (inference.MaxNewTokens, inference.MaxSequences));
        Assert.Equal((0.0, 0.5, -3L), (inference.Temperature, inference.TopP, inference.Seed));
    }

    [Fact]
    public async Task A_cluster_is_asked_with_the_same_options()
    {
        CommandRun run = await CommandRun.With(
            _runs, "infer", "--cluster", "127.0.0.1:4053", "--from", _folder.Path, "--id", "mine", "--prompt", "Hi", "--max-tokens", "5",
            "--temperature", "0", "--top-p", "0.5", "--seed", "-3", "--no-echo");

        ClusterInferRequest asked = _runs.ClusterInfer!;
        Assert.Equal((0, "127.0.0.1:4053", _folder.Path, "mine", false), (run.Code, asked.Cluster.Process, asked.From, asked.Id, asked.EchoesPrompt));
        Assert.Equal("Hi"u8, asked.Prompt);
        Assert.Equal((5, 0.0, 0.5, -3L), (asked.Inference.MaxNewTokens, asked.Inference.Temperature, asked.Inference.TopP, asked.Inference.Seed));
    }

    [Fact]
    public async Task A_request_of_a_cluster_is_cancelled_by_its_name()
    {
        CommandRun run = await CommandRun.With(_runs, "infer", "--cluster", "127.0.0.1:4053", "--cancel", "mine");

        Assert.Equal((0, "actors: request mine ends after its present token\n"), (run.Code, run.Error));
        Assert.Equal(("127.0.0.1:4053", "mine"), (_runs.Cancelled!.Value.Cluster.Process, _runs.Cancelled.Value.Id));
    }

    [Fact]
    public async Task Infer_json_is_an_object_a_line()
    {
        CommandRun run = await CommandRun.With(_runs, "infer", "--model", _folder.Path, "--prompt", "Hi", "--json");

        Assert.Equal(["text", "text", "report"], run.JsonLines.Select(line => line.GetProperty("event").GetString()));
        Assert.Equal("upon\u001b", run.JsonLines[1].GetProperty("text").GetString());
        Assert.Equal(250, run.JsonLines[2].GetProperty("tokensPerSecond").GetDouble());
        Assert.False(_runs.Infer!.EchoesPrompt);
    }

    [Theory]
    [InlineData(EndReason.MaxTokens, "max-tokens", "asked for")]
    [InlineData(EndReason.EndToken, "end-token", "end token")]
    [InlineData(EndReason.MaxLength, "sequence-full", "the sequence is full: 7 tokens")]
    [InlineData(EndReason.Stopped, "stopped", "stopped before")]
    public async Task Infer_says_why_the_answer_ended(EndReason reason, string name, string words)
    {
        var runs = new FakeRuns { Reason = reason };
        CommandRun json = await CommandRun.With(runs, "infer", "--model", _folder.Path, "--prompt", "Hi", "--json");
        CommandRun text = await CommandRun.With(runs, "infer", "--model", _folder.Path, "--prompt", "Hi");

        Assert.Equal(name, json.JsonLines[^1].GetProperty("stopReason").GetString());
        Assert.Contains(words, text.Error.Split('\n')[1], StringComparison.Ordinal);
    }

    [Fact]
    public void One_token_has_no_speed()
    {
        Assert.Null(new InferenceReport(4, 1, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), EndReason.MaxTokens).TokensPerSecond);
        Assert.Equal(2, new InferenceReport(4, 3, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), EndReason.MaxTokens).TokensPerSecond);
    }

    [Theory]
    [InlineData("--prompt -")]
    [InlineData("--prompt-file -")]
    [InlineData("")]
    [InlineData("--prompt-file FILE")]
    public async Task A_prompt_comes_from_a_pipe_or_a_file_as_it_is(string source)
    {
        byte[] prompt = [0xEF, 0xBB, 0xBF, (byte)'a', 0xFF, 0, (byte)'\r', (byte)'\n'];
        string file = Path.Combine(_folder.Path, "prompt");
        await File.WriteAllBytesAsync(file, prompt);

        CommandRun run = await CommandRun.WithInput(
            source.Contains("FILE") ? [1] : prompt, _runs,
            ["infer", "--model", _folder.Path, .. source.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Replace("FILE", file))]);

        Assert.Equal(0, run.Code);
        Assert.Equal(prompt, _runs.Infer!.Prompt);
        Assert.True(_runs.Infer.EchoesPrompt);
    }

    [Fact]
    public async Task A_text_goes_before_what_is_piped_in()
    {
        await CommandRun.WithInput("pipe"u8.ToArray(), _runs, "infer", "--model", _folder.Path, "--prompt", "Hi", "--no-echo");

        Assert.Equal("Hi"u8, _runs.Infer!.Prompt);
        Assert.False(_runs.Infer.EchoesPrompt);
    }

    [Fact]
    public async Task A_prompt_file_that_is_a_pointer_is_refused()
    {
        string path = _folder.Write("prompt.txt", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 172\n");

        CommandRun run = await CommandRun.With(_runs, "infer", "--model", _folder.Path, "--prompt-file", path);

        Assert.Equal(
            (2, $"actors: --prompt-file: {path} is a Git LFS pointer, not the file itself: run git lfs pull where it was cloned\n"), (run.Code, run.Error));
    }

    [Fact]
    public async Task A_prompt_that_never_ends_is_refused()
    {
        CommandRun run = await CommandRun.With(_runs, "infer", "--model", _folder.Path, "--prompt-file", "/dev/zero");

        Assert.Equal((2, "actors: /dev/zero: the prompt is longer than 16 MiB; a model reads at most its positions: shorten it\n"), (run.Code, run.Error));
    }

    [Fact]
    public async Task Nothing_piped_in_is_no_prompt()
    {
        CommandRun run = await CommandRun.WithInput([], _runs, "infer", "--model", _folder.Path);

        Assert.Equal(2, run.Code);
        Assert.StartsWith("actors: the prompt is empty (standard input; ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_says_loss_and_place_and_the_placement_on_stderr()
    {
        string input = _folder.Write("in.safetensors", "");

        CommandRun run = await CommandRun.With(
            _runs, "eval", "--model", _folder.Path, "--input", input, "--output", "out.safetensors", "--grads", "--serial");

        Assert.Equal((0, "loss 5.5312500 over 64 tokens, PP 1 x EP 4 in 2 nodes: out.safetensors\n"), (run.Code, run.Output));
        Assert.Equal("actors: PP 1 x EP 4 is the nearest that divides\n", run.Error);
        Assert.True(_runs.Eval!.WithGradients);
        Assert.True(_runs.Eval.IsSerial);
        Assert.Equal((input, "out.safetensors"), (_runs.Eval.InputFile, _runs.Eval.OutputFile));
    }

    [Fact]
    public async Task Eval_json_ends_with_the_report()
    {
        string input = _folder.Write("in.safetensors", "");

        CommandRun run = await CommandRun.With(_runs, "eval", "--model", _folder.Path, "--input", input, "--output", "o", "--json");

        JsonElement report = run.JsonLines[^1];
        Assert.Equal(5.53125, report.GetProperty("loss").GetDouble());
        Assert.Equal("o", report.GetProperty("output").GetString());
    }

    [Theory]
    [InlineData("infer --prompt x", "Option '--model' is required; see actors infer --help")]
    [InlineData(
        "infer --model DIR",
        "there is no prompt: give --prompt TEXT or --prompt-file FILE, or pipe one in; see actors infer --help")]
    [InlineData("infer --model DIR --prompt x --prompt-file y", "--prompt and --prompt-file both give a prompt: leave one out")]
    [InlineData("infer --model DIR --prompt-file DIR", "--prompt-file: DIR is a folder; name a file")]
    [InlineData(
        "infer --model none --prompt x",
        "--model: the folder none does not exist; name one with config.json and model.safetensors")]
    [InlineData("infer --model DIR --prompt x --cancel y", "--cancel is for a cluster: name one with --cluster HOST:PORT")]
    [InlineData("infer --model DIR --prompt x --top-p 2", "actors.inference.top-p is \"2\", but must be a number above 0 to 1 (--top-p).")]
    [InlineData(
        "infer --model DIR --prompt x --top-p y",
        "Cannot parse argument 'y' for option '--top-p': write a number; see actors infer --help")]
    [InlineData(
        "infer --model DIR --prompt x --seed y",
        "Cannot parse argument 'y' for option '--seed': write a whole number; see actors infer --help")]
    [InlineData("eval --model DIR --input none --output o", "--input: the file none does not exist")]
    [InlineData(
        "eval --model none --input none --output o",
        "--model: the folder none does not exist; name one with config.json and model.safetensors")]
    public async Task Bad_usage_is_one_line_and_exit_code_2(string args, string error)
    {
        CommandRun run = await CommandRun.With(_runs, args.Replace("DIR", _folder.Path).Split(' '));

        Assert.Equal((2, "", $"actors: {error.Replace("DIR is", $"{_folder.Path} is")}\n"), (run.Code, run.Output, run.Error));
    }
}
