using System.Diagnostics.CodeAnalysis;

namespace Actors.Tensors.Formats;

/// <summary>What the conversions of spans check.</summary>
internal static class FormatSpans
{
    public static void CheckLength(int source, int destination)
    {
        if (destination < source)
        {
            ThrowTooShort(source, destination);
        }
    }

    [DoesNotReturn]
    private static void ThrowTooShort(int source, int destination) =>
        throw new ArgumentException($"{source} elements do not fit into a destination of {destination}.");
}
