namespace Actors.Runtime.Tests;

/// <summary>What every test shares.</summary>
internal static class TestContext
{
    /// <summary>Ends a test that hangs, long after any machine would have finished it.</summary>
    public static CancellationToken Timeout() => new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
}
