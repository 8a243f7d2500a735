using System.Runtime.CompilerServices;

namespace Akka.Tests.PublicApi;

public sealed class PublicApiTests
{
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

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
