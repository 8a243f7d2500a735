namespace Actors.Model.Checkpoint;

/// <summary>Recognizes files that hold something else than their name says.</summary>
internal static class FileContents
{
    /// <summary>What a file is instead and what to do, by its first bytes; null where they say nothing.</summary>
    public static string? Refusal(ReadOnlySpan<byte> first)
    {
        if (first.StartsWith("version https://"u8) && first.IndexOf("oid sha256:"u8) >= 0)
        {
            return "is a Git LFS pointer, not the file itself: run git lfs pull where it was cloned";
        }

        if (first.StartsWith("# xet version"u8))
        {
            return "is a Xet pointer, not the file itself: download the file";
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

        if (first.StartsWith("PK\u0003\u0004"u8))
        {
            return "is a ZIP archive, such as torch.save writes: save the tensors as safetensors";
        }

        if (first.StartsWith("GGUF"u8))
        {
            return "is a GGUF file: get the model's safetensors files";
        }

        return first.StartsWith("<!DOCTYPE"u8) || first.StartsWith("<!doctype"u8) || first.StartsWith("<html"u8)
            ? "is an HTML page: the download failed; get it again"
            : null;
    }
}
