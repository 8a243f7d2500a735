namespace Actors.Tensors;

/// <summary>A mark of a backend whose operations run at once: everything before it has run.</summary>
public sealed class PassedMark : StreamMark
{
    /// <summary>The only one that is needed.</summary>
    public static PassedMark Instance { get; } = new();
}
