namespace Actors.Runtime.Configuration;

/// <summary><c>actors.inference</c>: serving.</summary>
/// <param name="MaxSequences">Sequences that are decoded at once.</param>
/// <param name="MaxWaiting">Requests that may wait for a place among them.</param>
/// <param name="MaxLength">Tokens of a sequence, prompt included; a model with fewer positions has as many as these.</param>
/// <param name="MaxNewTokens">Most tokens that a request may add.</param>
/// <param name="Temperature">Divisor of the logits; 0: always the likeliest token.</param>
/// <param name="TopP">Draw among the likeliest tokens that hold this share of the probability.</param>
/// <param name="Seed">Decides what is drawn.</param>
public sealed record InferenceSettings(
    int MaxSequences, int MaxWaiting, int MaxLength, int MaxNewTokens, double Temperature, double TopP, long Seed)
{
    /// <summary>The key of <see cref="MaxLength"/>.</summary>
    internal const string MaxLengthKey = $"{Section}.max-length";

    private const string Section = "actors.inference";

    internal static InferenceSettings Read(SettingsReader reader) => new(
        reader.Int($"{Section}.max-sequences"),
        reader.Int($"{Section}.max-waiting"),
        reader.Int(MaxLengthKey),
        reader.Int($"{Section}.max-new-tokens"),
        reader.Double($"{Section}.temperature", 0),
        reader.Double($"{Section}.top-p", 0, 1, aboveLeast: true),
        reader.Long($"{Section}.seed"));
}
