using Actors.Model.Files;

namespace Actors.Model.Checkpoint;

/// <summary>Recognizes files of a model that hold something else than their name says.</summary>
internal static class FileContents
{
    /// <summary>What a file is instead and what to do, by its first bytes; null where they say nothing.</summary>
    public static string? Refusal(ReadOnlySpan<byte> first) => (FileKind.Of(first) ?? FileKind.OfUnmarked(first)) switch
    {
        null => null,
        { Encoding: { } encoding } => $"is {encoding} text: save it as UTF-8",
        var kind when kind == FileKind.Zip => "is a ZIP archive, such as torch.save writes: save the tensors as safetensors",
        var kind => kind.ToString(),
    };
}
