namespace Actors.Runtime.Data;

/// <summary>A stretch of text as a model's inputs and targets.</summary>
internal static class TokenWindow
{
    /// <summary>inputs[i] = window[i], targets[i] = window[i + 1].</summary>
    public static void Copy(ReadOnlySpan<byte> window, Span<int> inputs, Span<int> targets)
    {
        int length = window.Length - 1;
        if (inputs.Length != length || targets.Length != length)
        {
            throw new ArgumentException(
                $"A window of {length} tokens needs as many inputs and targets, not {inputs.Length} and {targets.Length}.");
        }

        for (int i = 0; i < length; i++)
        {
            inputs[i] = window[i];
            targets[i] = window[i + 1];
        }
    }
}
