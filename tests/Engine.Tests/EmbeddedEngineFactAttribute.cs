namespace Akka.Tests;

/// <summary>A fact in which the embedded engine differs from Akka.NET, on which it is skipped. docs/akka-net.md lists the differences.</summary>
internal sealed class EmbeddedEngineFactAttribute : FactAttribute
{
    public EmbeddedEngineFactAttribute(string difference)
    {
#if AKKA_NET
        Skip = difference + ".";
#else
        ArgumentNullException.ThrowIfNull(difference);
#endif
    }
}
