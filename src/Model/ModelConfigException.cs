namespace Actors.Model;

/// <summary>A model's sizes or rules do not fit together or are not supported.</summary>
public sealed class ModelConfigException : Exception
{
    /// <summary>Reports in one line that <paramref name="key"/> breaks a rule.</summary>
    /// <param name="key">The key of config.json.</param>
    /// <param name="broken">Its value and the rule that it breaks.</param>
    public ModelConfigException(string key, string broken)
        : base($"{key}: {broken}.")
    {
        Key = key;
        Rule = broken;
    }

    /// <summary>The key of config.json.</summary>
    public string Key { get; }

    /// <summary>Its value and the rule that it breaks, without a full stop.</summary>
    public string Rule { get; }
}
