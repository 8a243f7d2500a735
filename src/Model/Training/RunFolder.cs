using System.Globalization;
using Actors.Model.Checkpoint;

namespace Actors.Model.Training;

/// <summary>
/// The folder that one run writes its checkpoints to, <c>step-00000100</c> and so on. It is held by a lock while the run lives. A
/// checkpoint is written beside and renamed when it is whole, so a torn one is never loaded; the two written last are kept. Nothing
/// is removed but what this run, or the run that it goes on from, wrote.
/// </summary>
public sealed class RunFolder : IDisposable
{
    private const string StepPrefix = "step-";
    private const string Unfinished = ".tmp";

    private static readonly string[] CheckpointFiles = [HubConfig.FileName, RunState.FileName];
    private static readonly string[] CheckpointEndings = [".safetensors", ".safetensors.index.json", ".bin", ".pt", ".pth", ".ckpt", ".gguf"];

    /// <summary>Checkpoints of a run that are kept.</summary>
    public const int Kept = 2;

    private readonly RunLock _lock;

    private RunFolder(string folder, string run, RunLock held)
    {
        Folder = folder;
        Run = run;
        _lock = held;
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Names the run; checkpoints say it.</summary>
    public string Run { get; }

    /// <summary>The newest checkpoint of the run; null where there is none.</summary>
    public string? Newest => OwnSteps().LastOrDefault();

    /// <summary>Checkpoints of the run that lie there.</summary>
    public int Count => OwnSteps().Count();

    /// <summary>Takes a folder for a new run; it is made where it is missing.</summary>
    /// <exception cref="CheckpointException">It holds a run or another program's checkpoints, or a run writes to it.</exception>
    public static RunFolder Start(string path)
    {
        RunLock held = RunLock.Take(path);
        return UseOf(path) is { } use ? throw Released(held, path, use) : new RunFolder(path, NewRun(), held);
    }

    /// <summary>Takes a folder for a run that has a name already: for its first process, or for one that goes on where another has ended.</summary>
    /// <param name="path">The folder; it is made where it is missing.</param>
    /// <param name="run">Names the run.</param>
    /// <exception cref="CheckpointException">It holds another run or another program's checkpoints, or a run writes to it.</exception>
    public static RunFolder TakeOver(string path, string run)
    {
        var folder = new RunFolder(path, run, RunLock.Take(path));
        bool hasWritten = Directory.EnumerateDirectories(path, StepPrefix + "*").Any(entry => RunOf(entry) == run);
        if (!hasWritten && UseOf(path) is { } use)
        {
            throw Released(folder._lock, path, use);
        }

        folder._lock.Name(run);
        return folder;
    }

    /// <summary>Whether a path leads to the folder that a process holds for a run: other machines may have something else there.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="run">Names the run.</param>
    public static bool IsHeldFor(string path, string run) => RunLock.NameAt(path) == run;

    /// <summary>Takes the first free one of <paramref name="path"/>, <paramref name="path"/>-2, <paramref name="path"/>-3 ... for a new run.</summary>
    /// <exception cref="CheckpointException">Nothing can be written there.</exception>
    public static RunFolder StartBeside(string path)
    {
        for (int number = 1; ; number++)
        {
            string candidate = number == 1 ? path : string.Create(CultureInfo.InvariantCulture, $"{path}-{number}");
            if (RunLock.TryTake(candidate) is { } held)
            {
                if (UseOf(candidate) is null)
                {
                    return new RunFolder(candidate, NewRun(), held);
                }

                held.Dispose();
            }
        }
    }

    /// <summary>Takes a folder to go on from a checkpoint: the one that it lies in, or another that is free.</summary>
    /// <exception cref="CheckpointException">It holds newer checkpoints or another run, or a run writes to it.</exception>
    public static RunFolder Continue(string path, string checkpoint, RunState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        RunLock held = RunLock.Take(path);
        string? use = RootOf(checkpoint) is { } root && IsSame(root, path) ? NewerThan(path, checkpoint, state.Step) : UseOf(path);
        return use is null ? new RunFolder(path, state.Run ?? NewRun(), held) : throw Released(held, path, use);
    }

    /// <summary>The folder of the run that <paramref name="folder"/> is, or is a checkpoint of; null where it is a checkpoint by itself.</summary>
    public static string? RootOf(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (StepOf(full) is not null && RunState.IsIn(full))
        {
            return Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) is { Length: > 0 } parent
                ? parent
                : Path.GetDirectoryName(full);
        }

        return File.Exists(Path.Combine(full, HubConfig.FileName)) ? null : folder;
    }

    /// <summary>The folder that holds a model: <paramref name="folder"/> itself, or the newest checkpoint below it.</summary>
    /// <exception cref="CheckpointException">There is neither.</exception>
    public static string Resolve(string folder) => File.Exists(Path.Combine(folder, HubConfig.FileName))
        ? folder
        : Steps(folder).LastOrDefault()
            ?? throw new CheckpointException(folder, $"holds neither {HubConfig.FileName} nor a checkpoint {StepPrefix}N; name a model's folder, or one that train wrote to");

    /// <summary>Begins a checkpoint; what an earlier one of this run left behind is removed.</summary>
    /// <param name="step">Steps behind it.</param>
    /// <returns>The folder beside its place, empty: write its files there, then <see cref="Commit"/> or <see cref="Abandon"/> it.</returns>
    /// <exception cref="CheckpointException">The disk refuses, or somebody else's is in its place.</exception>
    public string Begin(int step)
    {
        string folder = FolderOf(step), beside = folder + Unfinished;
        try
        {
            Directory.CreateDirectory(Folder);
            RemoveUnfinished();
            if (Path.Exists(folder) || Path.Exists(beside))
            {
                throw new IOException($"{(Path.Exists(folder) ? folder : beside)} is in its place, and this run did not write it");
            }

            Directory.CreateDirectory(beside);
            return beside;
        }
        catch (Exception failure) when (IsRefusal(failure))
        {
            throw Unwritten(folder, failure);
        }
    }

    /// <summary>Writes files of a checkpoint that was begun.</summary>
    /// <param name="step">Steps behind it.</param>
    /// <param name="write">Writes them into its folder.</param>
    /// <exception cref="CheckpointException">The disk refuses; it is abandoned.</exception>
    public void Write(int step, Action<string> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        try
        {
            write(FolderOf(step) + Unfinished);
        }
        catch (Exception failure) when (IsRefusal(failure))
        {
            throw Abandon(step, failure);
        }
    }

    /// <summary>Gives a checkpoint whose files are all written its name, keeps the one before it and removes older ones of the run.</summary>
    /// <param name="step">Steps behind it.</param>
    /// <returns>Its folder.</returns>
    /// <exception cref="CheckpointException">The disk refuses; it is abandoned.</exception>
    public string Commit(int step)
    {
        string folder = FolderOf(step);
        Write(step, beside => Directory.Move(beside, folder));
        RemoveOld(folder);
        return folder;
    }

    /// <summary>Gives up a checkpoint that was begun and removes what is written of it; no earlier one is touched.</summary>
    /// <param name="step">Steps behind it.</param>
    /// <param name="failure">Why.</param>
    /// <returns>The failure that says which checkpoint could not be written, why, and what to do.</returns>
    public CheckpointException Abandon(int step, Exception failure)
    {
        string folder = FolderOf(step);
        TryRemove(folder + Unfinished, folder + Unfinished);
        return Unwritten(folder, failure);
    }

    /// <summary>Lets another run take the folder.</summary>
    public void Dispose() => _lock.Dispose();

    private static bool IsRefusal(Exception failure) => failure is IOException or UnauthorizedAccessException or CheckpointException;

    private static CheckpointException Unwritten(string folder, Exception failure)
    {
        string reason = (failure as CheckpointException)?.Message ?? failure.Message.TrimEnd('.');
        return new CheckpointException(
            folder, $"cannot be written: {reason}; earlier checkpoints are untouched: make room, or name another folder with --out", failure.InnerException ?? failure);
    }

    private static CheckpointException Released(RunLock held, string path, string use)
    {
        held.Dispose();
        return new CheckpointException(path, use);
    }

    /// <summary>What a folder holds that a new run must not write beside, or null.</summary>
    private static string? UseOf(string path)
    {
        if (Steps(path).LastOrDefault() is { } newest)
        {
            return $"holds a run, up to {Path.GetFileName(newest)}: go on from it with --resume {path}, or write to another folder with --out DIR";
        }

        string? found = Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)).FirstOrDefault(IsOfCheckpoint);
        return found is null ? null : $"holds {found}, which this run did not write: write to another folder with --out DIR";
    }

    private static bool IsOfCheckpoint(string name) =>
        name.StartsWith(StepPrefix, StringComparison.Ordinal) || name.StartsWith("checkpoint", StringComparison.OrdinalIgnoreCase)
        || CheckpointFiles.Contains(name) || CheckpointEndings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static string? NewerThan(string path, string checkpoint, int step)
    {
        string? newer = Directory.EnumerateFileSystemEntries(path).Where(entry => StepOf(entry) > step).MaxBy(StepOf);
        return newer is null ? null
            : $"holds {Path.GetFileName(newer)}, newer than {Path.GetFileName(checkpoint)}: go on from the newest with --resume {path}, "
                + "or write to another folder with --out DIR";
    }

    private static bool IsSame(string folder, string other) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))
        == Path.TrimEndingDirectorySeparator(Path.GetFullPath(other));

    private string FolderOf(int step) => Path.Combine(Folder, NameOf(step));

    private static string NewRun() => Guid.NewGuid().ToString("N");

    private static string NameOf(int step) => StepPrefix + step.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>The step that an entry is named for, or null.</summary>
    private static long? StepOf(string entry)
    {
        string name = Path.GetFileName(entry);
        return name.StartsWith(StepPrefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(StepPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : null;
    }

    /// <summary>Whole checkpoints, the newest last; what was never renamed is none.</summary>
    private static IEnumerable<string> Steps(string root) => Directory.Exists(root)
        ? Directory.EnumerateDirectories(root, StepPrefix + "*").Where(folder => StepOf(folder) is not null && RunState.IsIn(folder)).OrderBy(StepOf)
        : [];

    /// <summary>The run that wrote a checkpoint; null where it does not say, or is damaged.</summary>
    private static string? RunOf(string folder)
    {
        try
        {
            return RunState.Read(folder).Run;
        }
        catch (CheckpointException)
        {
            return null;
        }
    }

    /// <summary>What is named and written by this run, oldest first; a link leads to a place that somebody else chose.</summary>
    private IEnumerable<string> OwnSteps() =>
        Steps(Folder).Where(folder => (File.GetAttributes(folder) & FileAttributes.ReparsePoint) == 0 && RunOf(folder) == Run);

    /// <summary>A checkpoint that holds a file which the newest has not is kept: somebody has put it there.</summary>
    private void RemoveOld(string newest)
    {
        HashSet<string> written = [.. FilesOf(newest)];
        foreach (string old in OwnSteps().SkipLast(Kept).Where(old => written.IsSupersetOf(FilesOf(old))))
        {
            TryRemove(old, old + Unfinished);
        }
    }

    private static IEnumerable<string> FilesOf(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file));

    /// <summary>Removes what this run left behind where it ended in the midst of writing.</summary>
    private void RemoveUnfinished()
    {
        foreach (string folder in Directory.EnumerateDirectories(Folder, StepPrefix + "*" + Unfinished).Where(folder => RunOf(folder) == Run))
        {
            TryRemove(folder, folder);
        }
    }

    /// <summary>
    /// Removes a folder under a name that is no checkpoint's, so that nobody loads what is half removed; the file that says whose it
    /// is goes last. A disk that refuses keeps a folder that nobody loads, and that the next checkpoint removes.
    /// </summary>
    private static bool TryRemove(string named, string folder)
    {
        try
        {
            if (named != folder)
            {
                Directory.Move(named, folder);
            }

            string state = Path.Combine(folder, RunState.FileName);
            foreach (string inner in Directory.EnumerateDirectories(folder))
            {
                Directory.Delete(inner, recursive: true);
            }

            foreach (string file in Directory.EnumerateFiles(folder).Where(file => file != state))
            {
                File.Delete(file);
            }

            File.Delete(state);
            Directory.Delete(folder);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
