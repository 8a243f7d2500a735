namespace Actors.Runtime.Data;

/// <summary>A text in memory as tokens. Immutable.</summary>
public abstract class TokenRun
{
    private TokenRun(int length) => Length = length;

    /// <summary>Number of tokens.</summary>
    public int Length { get; }

    /// <summary>A text whose tokens are its bytes.</summary>
    public static TokenRun Of(ReadOnlyMemory<byte> bytes) => new Narrow(bytes);

    /// <summary>A text of any tokens.</summary>
    public static TokenRun Of(ReadOnlyMemory<int> tokens) => new Wide(tokens);

    /// <summary>Reads a window as a model's inputs and targets: targets[i] follows inputs[i].</summary>
    /// <param name="start">The first token.</param>
    /// <param name="inputs">Output (length).</param>
    /// <param name="targets">Output (length).</param>
    public void Read(int start, Span<int> inputs, Span<int> targets)
    {
        if (inputs.Length != targets.Length)
        {
            throw new ArgumentException($"A window needs as many inputs as targets, not {inputs.Length} and {targets.Length}.");
        }

        Copy(start, inputs);
        Copy(start + 1, targets);
    }

    /// <summary>Copies tokens from a place on.</summary>
    internal abstract void Copy(int start, Span<int> tokens);

    private sealed class Narrow(ReadOnlyMemory<byte> bytes) : TokenRun(bytes.Length)
    {
        internal override void Copy(int start, Span<int> tokens)
        {
            ReadOnlySpan<byte> window = bytes.Span.Slice(start, tokens.Length);
            for (int i = 0; i < window.Length; i++)
            {
                tokens[i] = window[i];
            }
        }
    }

    private sealed class Wide(ReadOnlyMemory<int> all) : TokenRun(all.Length)
    {
        internal override void Copy(int start, Span<int> tokens) => all.Span.Slice(start, tokens.Length).CopyTo(tokens);
    }
}
