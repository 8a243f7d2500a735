namespace Actors.Runtime.Training.Memory;

/// <summary>About how much memory a run takes at most, in bytes, by use.</summary>
/// <param name="Weights">The model's values, with the copies that the device packs.</param>
/// <param name="Training">Gradients of every rank, and the optimizer's moments.</param>
/// <param name="Activations">What is kept of the chunks under way, and of the sequences that are served.</param>
/// <param name="Exchange">Rows between ranks: rings, windows, hand-overs.</param>
public readonly record struct MemoryEstimate(double Weights, double Training, double Activations, double Exchange)
{
    /// <summary>The process itself: its code, the runtime, messages; 113 MB measured beside the buffers of small runs.</summary>
    public const double Process = 120e6;

    /// <summary>All buffers.</summary>
    public double Buffers => Weights + Training + Activations + Exchange;

    /// <summary>All of it.</summary>
    public double Total => Buffers + Process;

    /// <summary>An equal part.</summary>
    public static MemoryEstimate operator /(MemoryEstimate whole, int parts) =>
        new(whole.Weights / parts, whole.Training / parts, whole.Activations / parts, whole.Exchange / parts);

    /// <summary>What both take.</summary>
    public static MemoryEstimate operator +(MemoryEstimate left, MemoryEstimate right) => new(
        left.Weights + right.Weights, left.Training + right.Training, left.Activations + right.Activations, left.Exchange + right.Exchange);
}
