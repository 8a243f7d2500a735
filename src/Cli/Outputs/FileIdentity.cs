using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Actors.Cli.Outputs;

/// <summary>What a path leads to: two names of one file, through symbolic or hard links, have the same identity.</summary>
/// <param name="Kind">What it is, for people.</param>
/// <param name="Id">Equal for the same file only.</param>
internal sealed partial record FileIdentity(string Kind, string Id)
{
    private const string RegularFile = "a regular file";
    private const string Folder = "a folder";

    /// <summary>Whether it is neither a folder nor a device, a pipe or a socket.</summary>
    public bool IsRegular => Kind == RegularFile;

    /// <summary>Whether it is a folder.</summary>
    public bool IsFolder => Kind == Folder;

    /// <summary>Follows links and looks, without opening the file; null: nothing is there.</summary>
    public static FileIdentity? Of(string path) => OperatingSystem.IsLinux() ? OfLinux(path)
        : Directory.Exists(path) ? new FileIdentity(Folder, RealPath.Of(path))
        : File.Exists(path) ? new FileIdentity(RegularFile, RealPath.Of(path))
        : null;

    /// <summary>Reads the system's struct statx, which has one layout on every processor.</summary>
    private static FileIdentity? OfLinux(string path)
    {
        const int CurrentFolder = -100, TypeAndInode = 0x101, ModeAt = 28, InodeAt = 32, DeviceAt = 136, Bytes = 256;
        Span<byte> found = stackalloc byte[Bytes];
        if (ReadStatus(CurrentFolder, path, 0, TypeAndInode, ref MemoryMarshal.GetReference(found)) != 0)
        {
            return null;
        }

        string kind = (BinaryPrimitives.ReadUInt16LittleEndian(found[ModeAt..]) & 0xF000) switch
        {
            0x8000 => RegularFile,
            0x4000 => Folder,
            0x2000 or 0x6000 => "a device",
            0x1000 => "a pipe",
            0xC000 => "a socket",
            _ => "no regular file",
        };
        ulong inode = BinaryPrimitives.ReadUInt64LittleEndian(found[InodeAt..]), device = BinaryPrimitives.ReadUInt64LittleEndian(found[DeviceAt..]);
        return new FileIdentity(kind, string.Create(CultureInfo.InvariantCulture, $"{device}:{inode}"));
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ReadStatus(int folder, string path, int flags, uint mask, ref byte found);
}
