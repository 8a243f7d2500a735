namespace Actors.Model.Checkpoint;

/// <summary>Recognizes files that hold something else than their name says.</summary>
internal static class FileContents
{
    /// <summary>What a file is instead and what to do, by its first bytes; null where they say nothing.</summary>
    public static string? Refusal(ReadOnlySpan<byte> first)
    {
        if (first.StartsWith("version https://"u8) && first.IndexOf("oid sha256"u8) >= 0)
        {
            return "is a Git LFS pointer, not the file itself: run git lfs pull where it was cloned";
        }

        if (first.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || first.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
            || first.StartsWith((ReadOnlySpan<byte>)[(byte)'{', 0]) || first.StartsWith((ReadOnlySpan<byte>)[0, (byte)'{']))
        {
            return "is UTF-16 text: save it as UTF-8";
        }

        if (first.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return "is compressed (gzip): unpack it";
        }

        return first.StartsWith("<!DOCTYPE"u8) || first.StartsWith("<html"u8) ? "is an HTML page: the download failed; get it again" : null;
    }
}
