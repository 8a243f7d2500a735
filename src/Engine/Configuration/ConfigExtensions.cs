using System.Diagnostics.CodeAnalysis;

namespace Akka.Configuration;

/// <summary>Operations on a <see cref="Config"/> that may be null.</summary>
public static class ConfigExtensions
{
    /// <summary>Whether there is no configuration, or one without a key.</summary>
    /// <param name="config">The configuration, or null.</param>
    /// <returns>True when nothing can be read from it.</returns>
    public static bool IsNullOrEmpty([NotNullWhen(false)] this Config? config) => config is null || config.IsEmpty;

    /// <summary>As <see cref="Config.WithFallback"/>, but a null configuration gives the fallback, and itself is allowed as the fallback.</summary>
    /// <param name="config">The configuration that wins, or null.</param>
    /// <param name="fallback">What answers where it has no value, or null.</param>
    /// <returns>The merged configuration; null when both are.</returns>
    [return: NotNullIfNotNull(nameof(config))]
    [return: NotNullIfNotNull(nameof(fallback))]
    public static Config? SafeWithFallback(this Config? config, Config? fallback)
    {
        if (config is null)
            return fallback;
        return ReferenceEquals(config, fallback) ? config : config.WithFallback(fallback);
    }
}
