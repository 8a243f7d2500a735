using System.Collections.Immutable;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>How often each expert was chosen in the passes of a step by the tokens of a rank, counted where they are chosen; the host reads it at the step's end.</summary>
internal sealed class ExpertLoads : IDisposable
{
    private readonly int[] _layers;
    private readonly Arena _arena;
    private readonly Tensor _counts;
    private readonly HostTensor _read;

    /// <summary>Makes room for the layers with experts of a rank's stages.</summary>
    /// <param name="backend">Where they are counted.</param>
    /// <param name="layers">The layers' numbers in the model, ascending.</param>
    /// <param name="experts">Experts of a layer.</param>
    public ExpertLoads(IBackend backend, IEnumerable<int> layers, int experts)
    {
        _layers = [.. layers];
        long bytes = Arena.Plan(_layers.Length, experts, ElementType.Int32);
        _arena = new Arena(backend, bytes, bytes);
        _counts = _arena.Take(_layers.Length, experts, ElementType.Int32);
        _read = _arena.TakeHost(_layers.Length, experts, ElementType.Int32);
    }

    /// <summary>Begins a step.</summary>
    public void Begin(IStream stream) => stream.Zero(_counts);

    /// <summary>Counts the choices of a chunk, Int32 (tokens, K).</summary>
    public void Count(IStream stream, int layer, Tensor experts) => stream.CountExperts(experts, _counts.RowRange(Array.BinarySearch(_layers, layer), 1));

    /// <summary>Brings the counts to the host.</summary>
    public void End(IStream stream) => stream.Copy(_counts, _read);

    /// <summary>The counts by layer, once the stream has ended the step.</summary>
    public ImmutableArray<LayerLoad> Read() =>
        [.. _layers.Select((layer, i) => new LayerLoad(layer, [.. _read.RowSpan<int>(i).ToArray().Select(count => (long)count)]))];

    public void Dispose() => _arena.Dispose();
}
