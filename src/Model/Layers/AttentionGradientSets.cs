using Actors.Tensors;

namespace Actors.Model.Layers;

/// <summary>
/// Lends <see cref="AttentionGradients"/>, from a chunk's backward for input to its weight gradients. A thread first gets what it had
/// last, which is still in its caches, so ranks that take turns in a thread share one; else what lay longest. Safe to use from several threads. Ranks may
/// share this only where <see cref="IBackend.RunsAtOnce"/>: another backend may still compute with a set that was given back.
/// </summary>
public sealed class AttentionGradientSets : IDisposable
{
    private readonly IBackend _backend;
    private readonly ModelConfig _config;
    private readonly int _maxTokens;
    private readonly Lock _gate = new();
    private readonly List<AttentionGradients> _all = [];
    private readonly List<(AttentionGradients Set, int Thread)> _free = [];

    /// <summary>Allocates nothing yet.</summary>
    /// <param name="backend">Device.</param>
    /// <param name="config">Sizes.</param>
    /// <param name="maxTokens">Rows of the largest chunk.</param>
    public AttentionGradientSets(IBackend backend, ModelConfig config, int maxTokens)
    {
        ArgumentNullException.ThrowIfNull(config);
        _backend = backend;
        _config = config;
        _maxTokens = maxTokens;
    }

    /// <summary>Sets that exist: as many as layers of chunks ever waited for their weight gradients at once.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _all.Count;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (AttentionGradients set in _all)
            {
                set.Dispose();
            }
        }
    }

    /// <summary>Lends a set; makes one where none is free.</summary>
    internal AttentionGradients Rent()
    {
        int thread = Environment.CurrentManagedThreadId;
        lock (_gate)
        {
            if (_free.Count == 0)
            {
                var made = new AttentionGradients(_backend, _config, _maxTokens);
                _all.Add(made);
                return made;
            }

            int at = _free.Count - 1;
            while (at > 0 && _free[at].Thread != thread)
            {
                at--;
            }

            AttentionGradients set = _free[at].Set;
            _free.RemoveAt(at);
            return set;
        }
    }

    /// <summary>Takes a set back.</summary>
    internal void Return(AttentionGradients set)
    {
        lock (_gate)
        {
            _free.Add((set, Environment.CurrentManagedThreadId));
        }
    }
}
