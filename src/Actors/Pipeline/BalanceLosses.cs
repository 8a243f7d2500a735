using Actors.Model.Layers;
using Actors.Model.Training;
using Actors.Tensors;

namespace Actors.Runtime.Pipeline;

/// <summary>The balance loss of every chunk of a step in every layer with experts of a rank; the host reads it at the step's end.</summary>
/// <param name="backend">Where it is computed.</param>
/// <param name="layers">The layers' numbers in the model, ascending.</param>
/// <param name="microBatches">Chunks of a step.</param>
/// <param name="maxSequences">Sequences of the largest chunk.</param>
internal sealed class BalanceLosses(IBackend backend, IEnumerable<int> layers, int microBatches, int maxSequences) : IDisposable
{
    private readonly int[] _layers = [.. layers];
    private Arena? _arena;
    private Tensor _losses;
    private HostTensor _read;
    private float _scale;

    /// <summary>Begins a step; the first that has a balance loss takes memory for it.</summary>
    /// <param name="stream">The rank's.</param>
    /// <param name="scale">Factor of the gradient; 0: the step has no balance loss.</param>
    public void Begin(IStream stream, float scale)
    {
        _scale = scale;
        if (scale == 0)
        {
            return;
        }

        if (_arena is null)
        {
            int rows = _layers.Length * microBatches;
            long bytes = Arena.Plan(rows, maxSequences);
            _arena = new Arena(backend, bytes, bytes);
            _losses = _arena.Take(rows, maxSequences);
            _read = _arena.TakeHost(rows, maxSequences, ElementType.Float32);
        }

        stream.Zero(_losses);
    }

    /// <summary>The part of a layer's gate in a chunk; nothing for a dense layer.</summary>
    public GateBalance Of(int layer, int microBatch, int sequences)
    {
        int place = _scale == 0 ? -1 : Array.BinarySearch(_layers, layer);
        return place < 0 ? default : new GateBalance(_scale, _losses.RowRange((place * microBatches) + microBatch, 1).ColumnRange(0, sequences));
    }

    /// <summary>Brings the losses to the host.</summary>
    public void End(IStream stream)
    {
        if (_scale != 0)
        {
            stream.Copy(_losses, _read);
        }
    }

    /// <summary>Their sum, see <see cref="BalanceLoss.Sum"/>, once the stream has ended the step; 0 without a balance loss.</summary>
    public long Read() => _scale == 0 ? 0 : BalanceLoss.Sum(_read.AsSpan<float>());

    public void Dispose() => _arena?.Dispose();
}
