using Actors.Tensors;

namespace Actors.Runtime.Training.Memory;

/// <summary>About how much memory somebody takes, in bytes, by kind: of a device, and pinned memory of the host beside it.</summary>
public readonly struct MemoryEstimate : IEquatable<MemoryEstimate>
{
    /// <summary>The process itself: its code, the runtime, messages; 113 MB measured beside the buffers of small runs.</summary>
    public const double Process = 120e6;

    private static readonly MemoryKind[] AllKinds = Enum.GetValues<MemoryKind>();
    private readonly double[]? _bytes;

    private MemoryEstimate(double[] bytes) => _bytes = bytes;

    /// <summary>The kinds, in the order in which they are shown.</summary>
    public static IReadOnlyList<MemoryKind> Kinds => AllKinds;

    /// <summary>Parameters, with what the device derives from them.</summary>
    public double Weights => this[MemoryKind.Values];

    /// <summary>Gradients of every rank, what the optimizer keeps, averages and copies.</summary>
    public double Training => this[MemoryKind.Gradients] + this[MemoryKind.Moments] + this[MemoryKind.Averages] + this[MemoryKind.Copies];

    /// <summary>What is kept of the chunks under way, and of the sequences that are served.</summary>
    public double Activations =>
        this[MemoryKind.Activations] + this[MemoryKind.Experts] + this[MemoryKind.Logits] + this[MemoryKind.Temporaries] + this[MemoryKind.Tokens];

    /// <summary>Rows between ranks: rings, windows, hand-overs.</summary>
    public double Exchange => this[MemoryKind.Rows] + this[MemoryKind.Rings] + this[MemoryKind.Frames];

    /// <summary>All buffers.</summary>
    public double Buffers => _bytes?.Sum() ?? 0;

    /// <summary>The buffers of the device.</summary>
    public double OnDevice => Sum(onHost: false);

    /// <summary>The buffers of pinned memory.</summary>
    public double OnHost => Sum(onHost: true);

    /// <summary>All of it.</summary>
    public double Total => Buffers + Process;

    /// <summary>What a kind takes, wherever it lies.</summary>
    public double this[MemoryKind kind] => Of(kind, onHost: false) + Of(kind, onHost: true);

    /// <summary>So many bytes of one kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="bytes">How many.</param>
    /// <param name="onHost">Whether they are the host's, beside a device.</param>
    public static MemoryEstimate For(MemoryKind kind, double bytes, bool onHost = false)
    {
        var all = new double[AllKinds.Length * 2];
        all[Place(kind, onHost)] = bytes;
        return new MemoryEstimate(all);
    }

    /// <summary>What an owner has taken at most.</summary>
    public static MemoryEstimate Of(MemoryTally tally)
    {
        ArgumentNullException.ThrowIfNull(tally);
        var all = new double[AllKinds.Length * 2];
        foreach (MemoryKind kind in AllKinds)
        {
            all[Place(kind, onHost: false)] = tally.MostOf(kind);
            all[Place(kind, onHost: true)] = tally.MostOf(kind, onHost: true);
        }

        return new MemoryEstimate(all);
    }

    /// <summary>What a kind takes of a device, or of the host beside it.</summary>
    public double Of(MemoryKind kind, bool onHost) => _bytes?[Place(kind, onHost)] ?? 0;

    /// <summary>What both take.</summary>
    public static MemoryEstimate operator +(MemoryEstimate left, MemoryEstimate right) => Join(left, right, static (a, b) => a + b);

    /// <summary>What so many take.</summary>
    public static MemoryEstimate operator *(double times, MemoryEstimate one) => new([.. (one._bytes ?? []).Select(bytes => times * bytes)]);

    /// <summary>An equal part.</summary>
    public static MemoryEstimate operator /(MemoryEstimate whole, int parts) => 1.0 / parts * whole;

    /// <summary>Whether both are the same.</summary>
    public static bool operator ==(MemoryEstimate left, MemoryEstimate right) => left.Equals(right);

    /// <summary>Whether they differ.</summary>
    public static bool operator !=(MemoryEstimate left, MemoryEstimate right) => !left.Equals(right);

    /// <summary>The larger of each kind.</summary>
    public static MemoryEstimate Largest(MemoryEstimate left, MemoryEstimate right) => Join(left, right, Math.Max);

    /// <inheritdoc/>
    public bool Equals(MemoryEstimate other) => _bytes is { Length: > 0 } own && other._bytes is { Length: > 0 } others ? own.AsSpan().SequenceEqual(others) : Buffers == other.Buffers;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is MemoryEstimate other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Buffers.GetHashCode();

    private double Sum(bool onHost)
    {
        double sum = 0;
        foreach (MemoryKind kind in AllKinds)
        {
            sum += Of(kind, onHost);
        }

        return sum;
    }

    private static MemoryEstimate Join(MemoryEstimate left, MemoryEstimate right, Func<double, double, double> join) =>
        left._bytes is not { Length: > 0 } first ? right
        : right._bytes is not { Length: > 0 } second ? left
        : new MemoryEstimate([.. first.Zip(second, join)]);

    private static int Place(MemoryKind kind, bool onHost) => ((int)kind * 2) + (onHost ? 1 : 0);
}
