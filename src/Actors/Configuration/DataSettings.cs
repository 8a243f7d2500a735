namespace Actors.Runtime.Configuration;

/// <summary><c>actors.data</c>: what is trained on.</summary>
/// <param name="Paths">Files and folders of text, or token files; none: the C# sources of the repository.</param>
/// <param name="Tokenizer">A tokenizer.json, a folder with one, or <c>bytes</c>; null: that of the model's folder.</param>
/// <param name="HeldOutFraction">Share that is never trained on.</param>
/// <param name="MasksDocuments">Whether attention sees only the document that a token lies in.</param>
/// <param name="FillInMiddleRate">Share of a token file's documents whose middle comes last.</param>
/// <param name="FillInMiddleTokens">The tokens before prefix, suffix and middle.</param>
public sealed record DataSettings(
    IReadOnlyList<string> Paths, string? Tokenizer, double HeldOutFraction, bool MasksDocuments, double FillInMiddleRate, IReadOnlyList<string> FillInMiddleTokens)
{
    /// <summary>The key of <see cref="Paths"/>.</summary>
    public const string PathsKey = "actors.data.paths";

    /// <summary>The key of <see cref="Tokenizer"/>.</summary>
    public const string TokenizerKey = "actors.data.tokenizer";

    /// <summary>The key of <see cref="MasksDocuments"/>.</summary>
    public const string DocumentMaskKey = "actors.data.document-mask";

    /// <summary>The key of <see cref="FillInMiddleRate"/>.</summary>
    public const string FillInMiddleRateKey = "actors.data.fill-in-middle.rate";

    /// <summary>The key of <see cref="FillInMiddleTokens"/>.</summary>
    public const string FillInMiddleTokensKey = "actors.data.fill-in-middle.tokens";

    private const int FillInMiddleParts = 3;

    internal static DataSettings Read(SettingsReader reader)
    {
        var settings = new DataSettings(
            reader.Texts(PathsKey),
            reader.OptionalText(TokenizerKey),
            reader.Double("actors.data.held-out-fraction", 0, 1, belowMost: true),
            reader.Flag(DocumentMaskKey),
            reader.Double(FillInMiddleRateKey, 0, 1),
            reader.Texts(FillInMiddleTokensKey));
        return settings.FillInMiddleTokens.Count == FillInMiddleParts
            ? settings
            : throw reader.Wrong(FillInMiddleTokensKey, "a list of three tokens: before the prefix, the suffix and the middle");
    }
}
