using System.CommandLine;
using System.Text;
using Actors.Model.Files;

namespace Actors.Cli.Commands;

/// <summary>Where a prompt comes from: an option's text, a file, or standard input. Its bytes stay as they are, a line break at the end too.</summary>
internal sealed class PromptOptions
{
    private const string StandardInput = "-";

    /// <summary>Far more than any model's positions: what is larger is a mistake, or never ends.</summary>
    private const int MostBytes = 16 << 20;

    private const string Sources = "give --prompt TEXT or --prompt-file FILE, or pipe one in";

    private readonly Option<string?> _text = new("--prompt")
    {
        Description = "Text to go on with; - or none: standard input as it is, byte by byte",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _file = new("--prompt-file") { Description = "File with the text to go on with, read as it is", HelpName = "FILE" };
    private readonly Terminal _terminal;

    public PromptOptions(Command command, Terminal terminal)
    {
        _terminal = terminal;
        command.Add(_text);
        command.Add(_file);
    }

    /// <summary>The prompt's bytes, one or more.</summary>
    /// <exception cref="UsageException">There is none, there are two, it can't be read, or it is too long.</exception>
    public async Task<byte[]> ReadAsync(ParseResult parsed, CancellationToken stop)
    {
        string? text = parsed.GetValue(_text);
        string? file = parsed.GetValue(_file);
        if (text is not null && file is not null)
        {
            throw new UsageException("--prompt and --prompt-file both give a prompt: leave one out");
        }

        if (text is not null and not StandardInput)
        {
            return NotEmpty(Encoding.UTF8.GetBytes(text), "");
        }

        if (file is not null and not StandardInput)
        {
            return NotEmpty(await ReadFileAsync(file, stop), $" ({file})");
        }

        if (text is null && file is null && !_terminal.IsInputRedirected)
        {
            throw new UsageException($"there is no prompt: {Sources}; see actors infer --help");
        }

        return NotEmpty(await ReadAllAsync(_terminal.Input, "standard input", stop), $" (standard input; {Sources})");
    }

    private static byte[] NotEmpty(byte[] prompt, string source) =>
        prompt.Length > 0 ? prompt : throw new UsageException($"the prompt is empty{source}: give at least one token");

    private static async Task<byte[]> ReadFileAsync(string path, CancellationToken stop)
    {
        if (Directory.Exists(path))
        {
            throw new UsageException($"--prompt-file: {path} is a folder; name a file");
        }

        try
        {
            await using FileStream file = File.OpenRead(path);
            byte[] prompt = await ReadAllAsync(file, path, stop);
            return FileKind.Of(prompt) is { IsPointer: true } pointer ? throw new UsageException($"--prompt-file: {path} {pointer}") : prompt;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--prompt-file: {path} can't be read: {e.Message.TrimEnd('.')}");
        }
    }

    private static async Task<byte[]> ReadAllAsync(Stream source, string name, CancellationToken stop)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[1 << 16];
        int count;
        while ((count = await source.ReadAsync(buffer, stop)) > 0)
        {
            bytes.Write(buffer, 0, count);
            if (bytes.Length > MostBytes)
            {
                throw new UsageException($"{name}: the prompt is longer than {MostBytes >> 20} MiB; a model reads at most its positions: shorten it");
            }
        }

        return bytes.ToArray();
    }
}
