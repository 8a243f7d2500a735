namespace Actors.Cli.Runs;

/// <summary>A run ended without its result; the message is one line and says how to mend it.</summary>
internal sealed class RunFailedException(string message) : Exception(message);
