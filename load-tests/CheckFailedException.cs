namespace Actors.LoadTests;

/// <summary>What was to be timed gave a wrong result.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);
