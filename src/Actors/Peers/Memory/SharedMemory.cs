using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Actors.Runtime.Peers.Memory;

/// <summary>
/// Memory that processes of one host read and write: a file that each maps, readable by its owner only. Its name is removed as soon as both
/// sides have mapped it, so nothing is left of it when they end, in whatever way.
/// </summary>
internal sealed unsafe class SharedMemory : IDisposable
{
    private const string Prefix = "actors-";
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly SafeMemoryMappedViewHandle _handle;
    private int _disposed;

    private SharedMemory(string name, FileStream file, long bytes)
    {
        Name = name;
        Bytes = bytes;
        _file = MemoryMappedFile.CreateFromFile(file, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, bytes);
        _handle = _view.SafeMemoryMappedViewHandle;
        byte* start = null;
        _handle.AcquirePointer(ref start);
        Pointer = (nint)start;
    }

    /// <summary>The file's name in <see cref="Folder"/>.</summary>
    public string Name { get; }

    /// <summary>First byte, at the start of a page.</summary>
    public nint Pointer { get; }

    /// <summary>Length.</summary>
    public long Bytes { get; }

    /// <summary>Where the files are: memory where the system has a folder in memory.</summary>
    public static string Folder { get; } = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <summary>Makes a file of zeros and maps it.</summary>
    /// <exception cref="IOException">There is no room for it.</exception>
    public static SharedMemory Create(Guid run, int epoch, long bytes)
    {
        string name = $"{Prefix}{run:N}-{epoch}-{Guid.NewGuid():N}";
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            PreallocationSize = bytes,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        string path = Path.Combine(Folder, name);
        try
        {
            var file = new FileStream(path, options);
            file.SetLength(bytes);
            return new SharedMemory(name, file, bytes);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            File.Delete(path);
            throw new IOException($"{Folder} has no room for {bytes} shared bytes ({failure.Message})", failure);
        }
    }

    /// <summary>Maps a file that another process of this host has made.</summary>
    /// <exception cref="IOException">There is no such file here, or it is not as it should be.</exception>
    public static SharedMemory Open(string name, long bytes)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
        {
            throw new IOException("the name of the shared file is not one of a link");
        }

        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(Folder, name), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw new IOException(failure.Message, failure);
        }

        if (file.Length != bytes)
        {
            file.Dispose();
            throw new IOException($"the shared file has {file.Length} bytes and not {bytes}");
        }

        return new SharedMemory(name, file, bytes);
    }

    /// <summary>Removes the name; the memory stays while it is mapped.</summary>
    public void Unlink() => File.Delete(Path.Combine(Folder, Name));

    /// <summary>Unmaps the memory.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _handle.ReleasePointer();
            _view.Dispose();
            _file.Dispose();
        }
    }
}
