namespace Actors.Runtime.Tests;

/// <summary>
/// A fact about something that the embedded engine does better than Akka.NET, on which it is skipped. docs/akka-net.md lists each.
/// </summary>
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
