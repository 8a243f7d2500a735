namespace Actors.Runtime.Configuration;

/// <summary>A key with the value that is in force.</summary>
/// <param name="Key">Full key, such as <c>actors.training.steps</c>.</param>
/// <param name="Value">A long, double, bool, string, list of strings, or null.</param>
/// <param name="Origin">Where the value comes from.</param>
public sealed record EffectiveSetting(string Key, object? Value, KeyOrigin Origin);
