using System.Text;
using Actors.Model.Checkpoint;

namespace Actors.Cli.Outputs;

/// <summary>
/// A file that a command writes. It replaces a regular file only, never one that the command reads; a symbolic link stays and its target
/// is written. The content is written beside and renamed, so that a torn file never has the name.
/// </summary>
internal sealed class OutputFile
{
    /// <summary>Names that would change a model if they were added to its folder.</summary>
    private static readonly string[] ModelFiles = ["model.safetensors", "generation_config.json"];

    private readonly string _option;
    private readonly string _path;
    private readonly string _target;

    private OutputFile(string option, string path, string target)
    {
        _option = option;
        _path = path;
        _target = target;
    }

    /// <summary>Checks, before anything is computed, that a file can be written.</summary>
    /// <param name="option">The option that named it.</param>
    /// <param name="path">The file.</param>
    /// <param name="inputs">Files that the command reads, and folders of which it may read every file; null and what is not there are passed over.</param>
    /// <exception cref="UsageException">It must not be replaced, or cannot be written.</exception>
    public static OutputFile Of(string option, string path, params IEnumerable<string?> inputs)
    {
        try
        {
            var output = new OutputFile(option, path, RealPath.Of(path));
            if (Path.EndsInDirectorySeparator(path))
            {
                throw output.Refused("it names a folder");
            }

            // The path itself is looked at, not its target: the links below /proc lead to what has no path.
            FileIdentity? there = FileIdentity.Of(Path.Combine(Environment.CurrentDirectory, path));
            if (there is { IsRegular: false })
            {
                throw output.Refused($"it is {there.Kind}, and only a regular file is replaced");
            }

            foreach (string? input in inputs)
            {
                output.RefuseInput(input, there);
            }

            output.Try();
            return output;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{option}: {path} cannot be written: {Reason(failure)}; name another");
        }
    }

    /// <summary>Writes a text.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and says why. What was there stays.</exception>
    public void WriteText(string text) => Write(beside => File.WriteAllText(beside, text, new UTF8Encoding(false)));

    /// <summary>Writes the file by what writes a whole new one at a given path.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and says why. What was there stays.</exception>
    public void Write(Action<string> write) => WriteAsync(beside =>
    {
        write(beside);
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    /// <summary>Writes the file by what writes a whole new one at a given path.</summary>
    /// <exception cref="IOException">The file cannot be written; the message names it and says why. What was there stays.</exception>
    public async Task WriteAsync(Func<string, Task> write)
    {
        string beside = Beside();
        try
        {
            await write(beside);
            if (FileIdentity.Of(_target) is { } there)
            {
                if (!there.IsRegular)
                {
                    throw new IOException($"it has become {there.Kind}");
                }

                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(beside, File.GetUnixFileMode(_target));
                }
            }

            File.Move(beside, _target, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CheckpointException)
        {
            // A writer of tensors names the file beside; its cause is the system's reason.
            throw new IOException($"{_option}: {_path} cannot be written: {Reason(failure.InnerException ?? failure)}", failure);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    private static string Reason(Exception failure) => failure.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    /// <summary>A short name in the target's folder, since the target's own may be as long as names can be.</summary>
    private string Beside() => Path.Combine(Path.GetDirectoryName(_target) ?? _target, $".actors-{Path.GetRandomFileName()}");

    private UsageException Refused(string reason) => new($"{_option}: {_path} cannot be written: {reason}; name another");

    private void RefuseInput(string? input, FileIdentity? there)
    {
        if (input is null || FileIdentity.Of(input) is not { } read)
        {
            return;
        }

        if (read.IsFolder)
        {
            string folder = RealPath.Of(input);
            bool isInside = _target.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
            if ((isInside && (there is not null || ModelFiles.Contains(Path.GetFileName(_target))))
                || (there is not null && Directory.EnumerateFiles(folder).Any(file => FileIdentity.Of(file) == there)))
            {
                throw Refused($"it is part of {input}, which this command reads");
            }
        }
        else if (read == there)
        {
            throw Refused($"it is {input}, which this command reads");
        }
    }

    /// <summary>Opens a file that is there, makes and removes one beside it.</summary>
    private void Try()
    {
        if (File.Exists(_target))
        {
            new FileStream(_target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite).Dispose();
        }

        string beside = Beside();
        new FileStream(beside, FileMode.CreateNew, FileAccess.Write).Dispose();
        File.Delete(beside);
    }
}
