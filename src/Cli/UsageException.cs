namespace Actors.Cli;

/// <summary>The command was asked for something impossible. The message is one line: what and how to mend it.</summary>
internal sealed class UsageException(string message) : Exception(message);
