namespace Actors.Model.Tests.Tokenizers;

/// <summary>A comparison with Hugging Face's own tokenizers library; it says why it is skipped where that cannot be loaded.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TokenizersLibraryTheoryAttribute : TheoryAttribute
{
    private static readonly string? Obstacle = Find();

    public TokenizersLibraryTheoryAttribute() => Skip = Obstacle;

    private static string? Find()
    {
        try
        {
            using var folder = new TemporaryFolder();
            using var tokenizer = new global::Tokenizers.DotNet.Tokenizer(folder.Write("tokenizer.json", TinyBytePairs.Json(TinyBytePairs.Gpt2Pieces)));
            return tokenizer.Encode("a").Length == 1 ? null : "the tokenizers library does not answer";
        }
        catch (Exception failure) when (failure is DllNotFoundException or TypeInitializationException or BadImageFormatException or EntryPointNotFoundException)
        {
            return $"the tokenizers library cannot be loaded: {failure.Message}";
        }
    }
}
