using System.Numerics;
using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Training;

/// <summary>
/// The exponential moving average of some blocks' values, float32 in host memory: average = keep · average + (1 − keep) · value, in this order, element by element. A
/// snapshot is taken on a stream; the average follows it in any thread, so that training goes on meanwhile.
/// </summary>
public sealed class ParameterAverage : IDisposable
{
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<ParameterBlock, HostTensor> _averages = new(ReferenceEqualityComparer.Instance);
    private readonly Arena _arena;

    /// <summary>Allocates averages and snapshots; the averages are undefined until they are loaded.</summary>
    /// <param name="backend">Device of the values.</param>
    /// <param name="blocks">The blocks; untrained ones are left out.</param>
    /// <param name="options">Decay and frequency.</param>
    public ParameterAverage(IBackend backend, IEnumerable<ParameterBlock> blocks, AverageOptions options)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        Options = options;
        ParameterBlock[] trained = [.. blocks.Where(block => block.IsTrained)];
        _arena = new Arena(backend, 0, 2 * trained.Sum(block => Arena.Plan(block.Values.Rows, block.Values.Columns)));
        foreach (ParameterBlock block in trained)
        {
            (int rows, int columns) = (block.Values.Rows, block.Values.Columns);
            var entry = new Entry(block, _arena.TakeHost(rows, columns), _arena.TakeHost(rows, columns));
            _entries.Add(entry);
            _averages.Add(block, entry.Average);
        }
    }

    /// <summary>Decay and frequency.</summary>
    public AverageOptions Options { get; }

    /// <summary>The average of a block, with the shape of its values.</summary>
    public HostTensor this[ParameterBlock block] => _averages[block];

    /// <summary>Enqueues copies of all values to the host. <see cref="Add()"/> may begin when they are there, and they may change again then.</summary>
    public void Snapshot(IStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        foreach (Entry entry in _entries)
        {
            stream.Copy(entry.Block.Values, entry.Snapshot);
        }
    }

    /// <summary>Adds the snapshot to the averages.</summary>
    public void Add()
    {
        float keep = Options.Keep;
        foreach (Entry entry in _entries)
        {
            for (int row = 0; row < entry.Average.Rows; row++)
            {
                Add(entry.Snapshot.RowSpan<float>(row), entry.Average.RowSpan<float>(row), keep);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    /// <summary>Products and sum are rounded one by one, so the width of the vectors plays no part.</summary>
    private static void Add(ReadOnlySpan<float> values, Span<float> average, float keep)
    {
        float rate = 1 - keep;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            ((new Vector<float>(average[i..]) * keep) + (new Vector<float>(values[i..]) * rate)).CopyTo(average[i..]);
        }

        for (; i < values.Length; i++)
        {
            average[i] = (average[i] * keep) + (values[i] * rate);
        }
    }

    private sealed record Entry(ParameterBlock Block, HostTensor Average, HostTensor Snapshot);
}
