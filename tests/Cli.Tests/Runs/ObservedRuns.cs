using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Actors.Cli.Runs;

namespace Actors.Cli.Tests.Runs;

/// <summary>What a run logs, and the metrics that it serves while it runs.</summary>
public sealed partial class ObservedRuns : IDisposable
{
    private readonly TinyRuns _tiny = new();

    [Fact]
    public async Task Metrics_are_served_on_a_free_port_while_the_run_lasts_and_name_its_steps()
    {
        using var output = new ScrapingWriter();
        int code = await TrainAsync(output, "--metrics-port", "0", "--json");

        Assert.Equal(0, code);
        Assert.Matches(@"(?m)^actors_train_steps_total\S* [1-4]$", output.Scraped);
        Assert.Matches(@"(?m)^actors_train_tokens_total\S* [1-9]\d*$", output.Scraped);
        Assert.Matches(@"(?m)^actors_train_step_duration_seconds_count\S* [1-4]$", output.Scraped);
        Assert.Matches(@"(?m)^actors_fabric_io_bytes_total{hop=""slow""} [1-9]\d*$", output.Scraped);
        await Assert.ThrowsAsync<HttpRequestException>(() => new HttpClient().GetAsync(output.Address));
    }

    [Fact]
    public async Task Serial_training_serves_its_steps_too()
    {
        using var output = new ScrapingWriter();
        int code = await TrainAsync(output, "--metrics-port", "0", "--json", "--serial");

        Assert.Equal(0, code);
        Assert.Matches(@"(?m)^actors_train_steps_total\S* [1-4]$", output.Scraped);
    }

    [Fact]
    public async Task Serving_names_its_requests_and_tokens()
    {
        Assert.Equal(0, (await _tiny.TrainAsync("model")).Code);
        using var output = new ScrapingWriter();
        int code = await RunAsync(output, "infer", "--model", _tiny.PathOf("model"), "--prompt", "the quick", "--metrics-port", "0", "--json");

        Assert.Equal(0, code);
        Assert.Matches(@"(?m)^actors_infer_requests_admitted_total\S* 2$", output.Scraped);
        Assert.Matches(@"(?m)^actors_infer_time_to_first_token_seconds_count\S* 2$", output.Scraped);
    }

    [Fact]
    public async Task A_port_in_use_is_an_error_before_the_run_starts()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;

        CommandRun run = await _tiny.TrainAsync("used", "--metrics-port", $"{port}");

        Assert.Equal(2, run.Code);
        Assert.Matches($@"^actors: --metrics-port: port {port} cannot be listened on: .+; name another, or 0 for any free one\n$", run.Error);
        Assert.False(Directory.Exists(_tiny.PathOf("used")));
    }

    [Theory]
    [InlineData("65536")]
    [InlineData("-1")]
    public async Task A_number_that_is_no_port_is_refused(string port)
    {
        CommandRun run = await _tiny.TrainAsync("refused", "--metrics-port", port);

        Assert.Equal(2, run.Code);
        Assert.Equal($"actors: --metrics-port: {port} is no port: name one from 1 to 65535, or 0 for any free one\n", run.Error);
    }

    [Fact]
    public async Task A_run_that_goes_well_logs_nothing_unless_asked_to()
    {
        using var log = new StringWriter { NewLine = "\n" };
        CommandRun run = await _tiny.TrainAsync(new Composition { Log = log }, default, "quiet");

        Assert.Equal(0, run.Code);
        Assert.Empty(log.ToString());
    }

    [Fact]
    public async Task Verbose_logs_settings_steps_checkpoints_and_the_shutdown()
    {
        using var log = new StringWriter { NewLine = "\n" };
        CommandRun run = await _tiny.TrainAsync(new Composition { Log = log }, default, "verbose", "--verbose");

        Assert.Equal(0, run.Code);
        string text = log.ToString();
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\S+Z (debug|info|warning) \w+: ", line));
        Assert.Contains(" debug run: actors.log.level = debug (--verbose)\n", text, StringComparison.Ordinal);
        Assert.Contains(" info coordinator: all 8 ranks are placed\n", text, StringComparison.Ordinal);
        Assert.Contains(" debug coordinator: step 4: loss ", text, StringComparison.Ordinal);
        Assert.Contains(" info run: checkpoint of step 4 is written to ", text, StringComparison.Ordinal);
        Assert.Contains(" debug run: shutdown: all actors have stopped\n", text, StringComparison.Ordinal);
        Assert.Contains(" debug akka: ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serial_training_logs_its_checkpoints_too()
    {
        using var log = new StringWriter { NewLine = "\n" };
        CommandRun run = await _tiny.TrainAsync(
            new Composition { Log = log }, default, "serial", "--serial", "--set", "actors.log.level=info", "--set", "actors.training.checkpoint-every-steps=2");

        Assert.Equal(0, run.Code);
        Assert.Equal(
            ["checkpoint of step 2", "checkpoint of step 4"],
            CheckpointLine().Matches(log.ToString()).Select(line => line.Groups[1].Value));
    }

    [Fact]
    public async Task The_level_is_a_setting()
    {
        using var log = new StringWriter { NewLine = "\n" };
        CommandRun run = await _tiny.TrainAsync(new Composition { Log = log }, default, "level", "--set", "actors.log.level=info");

        Assert.Equal(0, run.Code);
        Assert.DoesNotContain(" debug ", log.ToString(), StringComparison.Ordinal);
        Assert.Contains(" info coordinator: training ended at step 4\n", log.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _tiny.Dispose();

    private Task<int> TrainAsync(TextWriter output, params string[] more) =>
        RunAsync(output, ["train", _tiny.ProfileFile, "--data", _tiny.TextFile, "--out", _tiny.PathOf("observed"), .. more]);

    private static Task<int> RunAsync(TextWriter output, params string[] args)
    {
        var terminal = new Terminal(output, TextWriter.Null, IsInteractive: false, Width: 100, HasColor: false);
        return ActorsCommand.RunAsync(args, terminal, new ModelRuns(new Composition()), default);
    }

    [GeneratedRegex(@"Z info run: (checkpoint of step \d+) is written to .+ in \S+ s\n")]
    private static partial Regex CheckpointLine();

    [GeneratedRegex("http://127.0.0.1:[0-9]+/metrics")]
    private static partial Regex AddressLine();

    /// <summary>Takes the output, and reads the metrics when a step or a piece of text is written first: the run waits for it.</summary>
    private sealed class ScrapingWriter : StringWriter
    {
        public string Scraped { get; private set; } = "";

        public string Address => AddressLine().Match(ToString()).Value;

        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            bool isNext = value is not null && !Scraped.Contains("actors_", StringComparison.Ordinal)
                && (value.Contains("\"event\":\"step\"", StringComparison.Ordinal) || value.Contains("\"event\":\"text\"", StringComparison.Ordinal));
            if (isNext)
            {
                using var http = new HttpClient();
                using HttpResponseMessage response = http.Send(new HttpRequestMessage(HttpMethod.Get, Address));
                using var reader = new StreamReader(response.EnsureSuccessStatusCode().Content.ReadAsStream());
                Scraped = reader.ReadToEnd();
            }
        }
    }
}
