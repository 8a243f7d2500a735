using System.Runtime.CompilerServices;

namespace Akka.Tests.PublicApi;

public sealed class PublicApiTests
{
#if AKKA_NET
    /// <summary>Whatever the embedded engine offers, Akka.NET offers too: the same types, members and names of parameters.</summary>
    [Fact]
    public void The_approved_surface_is_a_part_of_Akka_NETs()
    {
        string[] approved = File.ReadAllLines(Path.Combine(Folder(), "Engine.approved.txt"));
        string[] missing = [.. PublicSurface.Missing(approved, typeof(Akka.Actor.ActorSystem).Assembly)];
        Assert.True(missing.Length == 0, $"Akka.NET lacks:\n{string.Join('\n', missing)}");
    }
#else
    /// <summary>
    /// The engine's public surface is a promise: a subset of Akka.NET 1.5's. A wanted change is approved by copying the
    /// text that this test writes beside the approved one, after comparing it with Akka.NET's.
    /// </summary>
    [Fact]
    public void The_public_surface_is_the_approved_one()
    {
        string approved = Path.Combine(Folder(), "Engine.approved.txt");
        string received = Path.Combine(AppContext.BaseDirectory, "Engine.received.txt");
        string surface = PublicSurface.Of(typeof(Akka.Actor.ActorSystem).Assembly);
        File.WriteAllText(received, surface);
        Assert.True(surface == File.ReadAllText(approved).ReplaceLineEndings("\n"), $"The public surface differs from {approved}; the present one is in {received}.");
    }

#endif

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
