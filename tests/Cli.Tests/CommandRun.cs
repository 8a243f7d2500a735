using System.Text.Json;
using Actors.Cli.Requests;

namespace Actors.Cli.Tests;

/// <summary>One call of the command, with what it wrote.</summary>
internal sealed record CommandRun(int Code, string Output, string Error)
{
    /// <summary>The output as JSON, a document a line.</summary>
    public IReadOnlyList<JsonElement> JsonLines =>
        [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>The notices among them.</summary>
    public IEnumerable<string> Notices =>
        JsonLines.Where(line => line.GetProperty("event").GetString() == "notice").Select(line => line.GetProperty("text").GetString()!);

    public static CommandRun Of(params string[] args) => With(null, false, args).GetAwaiter().GetResult();

    public static Task<CommandRun> With(IModelRuns? runs, params string[] args) => With(runs, false, args);

    /// <summary>One call with something piped in.</summary>
    public static Task<CommandRun> WithInput(byte[] input, IModelRuns? runs, params string[] args) =>
        With(runs, false, args, input: input);

    public static async Task<CommandRun> With(
        IModelRuns? runs, bool isInteractive, string[] args, CancellationToken stop = default, byte[]? input = null)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var piped = new MemoryStream(input ?? []);
        var terminal = new Terminal(output, error, isInteractive, Width: 100, HasColor: false)
        {
            Input = piped,
            IsInputRedirected = input is not null,
        };
        int code = await ActorsCommand.RunAsync(args, terminal, runs, stop);
        return new CommandRun(code, output.ToString(), error.ToString());
    }
}
