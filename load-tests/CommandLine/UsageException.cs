namespace Actors.LoadTests.CommandLine;

/// <summary>The command line is wrong; the message is one line that says what and how to mend it.</summary>
internal sealed class UsageException(string message) : Exception(message);
