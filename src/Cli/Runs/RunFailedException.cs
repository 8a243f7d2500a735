namespace Actors.Cli.Runs;

/// <summary>A run ended without its result; the message is one line and says how to mend it.</summary>
/// <param name="message">The line.</param>
/// <param name="detail">The failure with its stack trace, for <c>--verbose</c>.</param>
internal sealed class RunFailedException(string message, string? detail = null) : Exception(message)
{
    /// <summary>The failure with its stack trace, or null.</summary>
    public string? Detail => detail;

    /// <summary>Whether the message says what became of the state.</summary>
    public bool SaysCheckpoint { get; init; }

    /// <summary>A failure after which the state was whole and could not be saved.</summary>
    /// <param name="message">What failed.</param>
    /// <param name="step">The step of the state.</param>
    /// <param name="reason">Why it could not be saved.</param>
    /// <param name="detail">The failure with its stack trace, or null.</param>
    public static RunFailedException NotKept(string message, int? step, string reason, string? detail) =>
        new($"{message}; and the state of step {step} could not be kept: {reason}", detail) { SaysCheckpoint = true };

    /// <inheritdoc/>
    public override string ToString() => detail is null ? base.ToString() : base.ToString() + Environment.NewLine + detail;
}
