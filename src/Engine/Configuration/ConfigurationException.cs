using Akka.Actor;

namespace Akka.Configuration;

/// <summary>A configuration that can't be read, or that lacks or misstates a value. The message is one line that names the place.</summary>
public class ConfigurationException : AkkaException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="message">What is wrong, where, and what was expected.</param>
    public ConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception that another one led to.</summary>
    /// <param name="message">What is wrong, where, and what was expected.</param>
    /// <param name="exception">The exception that led to this one.</param>
    public ConfigurationException(string message, Exception? exception)
        : base(message, exception)
    {
    }

    /// <summary>The exception for a <typeparamref name="T"/> whose configuration is missing.</summary>
    /// <typeparam name="T">The type that needs the configuration.</typeparam>
    /// <param name="path">The key that should hold it, or null.</param>
    /// <returns>The exception, to be thrown.</returns>
    public static ConfigurationException NullOrEmptyConfig<T>(string? path = null) =>
        string.IsNullOrWhiteSpace(path)
            ? new ConfigurationException($"{typeof(T).Name} needs a configuration, but it is null or empty.")
            : new ConfigurationException($"{typeof(T).Name} needs a configuration, but there is nothing at '{path}'.");
}
