using Actors.Model;

namespace Actors.Runtime.Configuration;

/// <summary>A key of <c>actors.model</c>.</summary>
/// <param name="Key">Name in the section, such as <c>rope.theta</c>.</param>
/// <param name="HubKey">Its name in a config.json.</param>
/// <param name="ValueIn">What a model has for it.</param>
public sealed record ModelKey(string Key, string HubKey, Func<ModelConfig, object?> ValueIn)
{
    /// <summary>The key with its section.</summary>
    public string FullKey => $"{ModelSettings.Section}.{Key}";
}
