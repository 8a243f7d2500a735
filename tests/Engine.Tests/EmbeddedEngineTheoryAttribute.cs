namespace Akka.Tests;

/// <summary>A theory in which the embedded engine differs from Akka.NET, on which it is skipped. docs/akka-net.md lists the differences.</summary>
internal sealed class EmbeddedEngineTheoryAttribute : TheoryAttribute
{
    public EmbeddedEngineTheoryAttribute(string difference)
    {
#if AKKA_NET
        Skip = difference + ".";
#else
        ArgumentNullException.ThrowIfNull(difference);
#endif
    }
}
