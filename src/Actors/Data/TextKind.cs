using Actors.Model.Files;

namespace Actors.Runtime.Data;

/// <summary>Tells text of bytes from what is no text, or text that is not stored as one byte stream.</summary>
internal static class TextKind
{
    /// <summary>What a file's bytes are, and how to make text of them; null: they are text.</summary>
    /// <param name="bytes">The file, or its beginning.</param>
    public static string? FaultOf(ReadOnlySpan<byte> bytes)
    {
        // A page is a text like others. A GGUF file has zero bytes, and no advice for models helps here.
        if (FileKind.Of(bytes) is { } kind && kind != FileKind.HtmlPage && kind != FileKind.Gguf)
        {
            return kind.ToString();
        }

        int zero = bytes.IndexOf((byte)0);
        return zero < 0 ? null
            : FileKind.OfUnmarked(bytes)?.ToString() ?? $"is not text: byte {zero} is zero; remove zero bytes, or name another file";
    }
}
