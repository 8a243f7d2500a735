using System.Globalization;
using Actors.Model.Checkpoint;

namespace Actors.Model.Training;

/// <summary>
/// The right to write to a run's folder, held by one process at a time. It is a lock of the operating system on an open file, so it ends
/// with its process however that ends. Readers are not held up.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private const string LockFile = ".actors.lock";
    private const string OwnerFile = ".actors.owner";
    private const string NameFile = ".actors.run";
    private readonly string _folder;
    private readonly FileStream _held;

    private RunLock(string folder, FileStream held)
    {
        _folder = folder;
        _held = held;
    }

    /// <summary>Takes the lock of a folder, which is made where it is missing.</summary>
    /// <exception cref="CheckpointException">Another run holds it: its process and host are named; or nothing can be written there.</exception>
    public static RunLock Take(string folder) => TryTake(folder)
        ?? throw new CheckpointException(
            folder, $"{OwnerOf(folder)} writes to it: wait until that run has ended, or write to another folder with --out DIR");

    /// <summary>Takes the lock of a folder; null: another run holds it.</summary>
    /// <exception cref="CheckpointException">Nothing can be written there.</exception>
    public static RunLock? TryTake(string folder)
    {
        string path = Path.Combine(folder, LockFile);
        try
        {
            Directory.CreateDirectory(folder);
            FileStream? held = Open(path);

            // The run before removes the file when it ends: then this lock is on a file that nobody else can find.
            while (held is not null && !File.Exists(path))
            {
                held.Dispose();
                held = Open(path);
            }

            if (held is null)
            {
                return null;
            }

            File.WriteAllText(Path.Combine(folder, OwnerFile), Owner());
            return new RunLock(folder, held);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(folder, $"cannot be written: {failure.Message.TrimEnd('.')}; name another folder with --out DIR");
        }
    }

    /// <summary>What <see cref="Name"/> has written to a folder; null where nothing has.</summary>
    public static string? NameAt(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, NameFile));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes what the folder is held for, so that others who see it know it by that.</summary>
    public void Name(string run) => File.WriteAllText(Path.Combine(_folder, NameFile), run);

    /// <summary>Gives the lock back and removes its files.</summary>
    public void Dispose()
    {
        Remove(NameFile);
        Remove(OwnerFile);
        Remove(LockFile);
        _held.Dispose();
    }

    /// <summary>The lock file, held; null: another process holds it, which is the only plain failure of an existing file.</summary>
    private static FileStream? Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException held) when (held.GetType() == typeof(IOException) && File.Exists(path))
        {
            return null;
        }
    }

    private static string Owner() => string.Create(
        CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}, since {DateTime.UtcNow:yyyy-MM-dd HH:mm:ss} UTC\n");

    /// <summary>Who holds the lock, for people.</summary>
    private static string OwnerOf(string folder)
    {
        try
        {
            string owner = File.ReadAllText(Path.Combine(folder, OwnerFile)).Trim().ReplaceLineEndings(" ");
            return owner.Length > 0 ? $"another run ({owner})" : "another run";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "another run";
        }
    }

    /// <summary>A file that stays does no harm: the next run takes it over.</summary>
    private bool Remove(string name)
    {
        try
        {
            File.Delete(Path.Combine(_folder, name));
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
