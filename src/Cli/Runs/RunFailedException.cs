namespace Actors.Cli.Runs;

/// <summary>A run ended without its result; the message is one line and says how to mend it.</summary>
/// <param name="message">The line.</param>
/// <param name="wholeStep">The step whose state is still whole in memory and worth keeping, or null.</param>
/// <param name="detail">The failure with its stack trace, for <c>--verbose</c>.</param>
internal sealed class RunFailedException(string message, int? wholeStep = null, string? detail = null) : Exception(message)
{
    /// <summary>The step whose state is still whole in memory and worth keeping, or null.</summary>
    public int? WholeStep => wholeStep;

    /// <summary>The failure with its stack trace, or null.</summary>
    public string? Detail => detail;

    /// <inheritdoc/>
    public override string ToString() => detail is null ? base.ToString() : base.ToString() + Environment.NewLine + detail;
}
