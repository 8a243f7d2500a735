namespace Actors.Tensors;

/// <summary>A mark of a backend whose operations run at once: everything before it has run.</summary>
public sealed class PassedMark : StreamMark
{
    /// <summary>The only one that is needed.</summary>
    public static PassedMark Instance { get; } = new();

    /// <summary>Such a backend has no clock of its own: the host's says when its operations ran.</summary>
    public override double SecondsSince(StreamMark earlier) => throw new NotSupportedException("A backend that runs at once does not time its marks.");
}
