using System.Runtime.InteropServices;
using Actors.Tensors;
using Actors.Tensors.Numbers;
using Actors.Tensors.Operations;
using Actors.Tensors.Operations.Checks;

namespace Actors.Cpu;

/// <summary>What the CPU's streams have in common: operations run at once, and those that only move rows or must be equal to the bit have one code.</summary>
/// <param name="name">For messages and traces.</param>
internal abstract partial class HostStream(string name) : IExchangeOperations, IFlagExchangeOperations, ISamplingOperations
{
    private const int NoToken = -1;

    /// <inheritdoc cref="IStream.Name"/>
    public string Name { get; } = name;

    /// <summary>Everything before it has run.</summary>
    public void Record(StreamMark mark)
    {
    }

    /// <summary>It has been reached.</summary>
    public void Wait(StreamMark mark)
    {
    }

    /// <inheritdoc cref="IStream.BeginRecording"/>
    public void BeginRecording() => throw RunsAtOnce();

    /// <inheritdoc cref="IStream.EndRecording"/>
    public RecordedWork EndRecording() => throw RunsAtOnce();

    /// <inheritdoc cref="IStream.Play"/>
    public void Play(RecordedWork work) => throw RunsAtOnce();

    /// <inheritdoc cref="IRoutingOperations.PutRows"/>
    public void PutRows(Tensor x, Tensor rows, Tensor y)
    {
        ShapeChecks.Host.PutRows(x, rows, y);
        ReadOnlySpan<int> places = rows.RowSpan<int>(0);
        for (int row = 0; row < x.Rows; row++)
        {
            if (places[row] >= 0)
            {
                x.RowBytes(row).CopyTo(y.RowBytes(places[row]));
            }
        }
    }

    /// <inheritdoc/>
    public void DrawTokens(Tensor logits, Tensor slots, Tensor draws, Tensor tokens)
    {
        ShapeChecks.Host.DrawTokens(logits, slots, draws, tokens);
        Span<int> drawn = tokens.RowSpan<int>(0);
        for (int row = 0; row < logits.Rows; row++)
        {
            ReadOnlySpan<float> values = logits.RowSpan<float>(row);
            int slot = slots.RowSpan<int>(0)[row];
            drawn[row] = slot < 0 || !FiniteValues.AreAll(values) ? NoToken : MemoryMarshal.Cast<int, TokenDraw>(draws.RowSpan<int>(slot))[0].Next(values);
        }
    }

    private static NotSupportedException RunsAtOnce() => new("Operations run when they are enqueued: there is nothing to record.");
}
