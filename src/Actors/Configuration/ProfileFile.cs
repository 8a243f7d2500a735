using System.Globalization;
using System.Text;
using Actors.Model.Files;
using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>Reads the text of a profile from a file or a pipe.</summary>
public static class ProfileFile
{
    private const int MaxBytes = 1 << 20;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text; null where the file does not exist.</summary>
    /// <exception cref="ConfigurationException">The file can't be read, or is no text.</exception>
    public static string? Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            var bytes = new byte[MaxBytes + 1];
            return Decode(path, bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException and not DecoderFallbackException)
        {
            string why = Directory.Exists(path) ? "it is a folder" : e.Message;
            throw new ConfigurationException($"{path} can't be read: {why}", e);
        }
    }

    private static string Decode(string path, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
        {
            throw new ConfigurationException($"{path} is larger than {MaxBytes >> 20} MiB: name a profile, a HOCON text.");
        }

        if (FileKind.Of(bytes) is { } kind)
        {
            throw new ConfigurationException(kind.Encoding is { } encoding ? $"{path} is {encoding}: save it as UTF-8." : $"{path} {kind}.");
        }

        string text;
        try
        {
            text = Utf8.GetString(bytes).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            int line = bytes[..Math.Clamp(e.Index, 0, bytes.Length)].Count((byte)'\n') + 1;
            throw new ConfigurationException(Place(path, line) + "is not UTF-8: save it as UTF-8.", e);
        }

        int control = text.AsSpan().IndexOfAnyInRange('\0', '\b');
        if (control >= 0)
        {
            throw new ConfigurationException(Place(path, text.AsSpan(0, control).Count('\n') + 1) + string.Create(
                CultureInfo.InvariantCulture, $"has the character U+{(int)text[control]:X4}: it is no text, or not UTF-8."));
        }

        return string.IsNullOrWhiteSpace(text)
            ? throw new ConfigurationException($"{path} is empty: write the keys to set, or a comment.")
            : text;
    }

    private static string Place(string path, int line) => string.Create(CultureInfo.InvariantCulture, $"{path}, line {line} ");
}
