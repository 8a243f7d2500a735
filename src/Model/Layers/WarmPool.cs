namespace Actors.Model.Layers;

/// <summary>
/// Lends things that are needed for a moment, and makes one where none is free. A thread first gets what it gave back last, which is
/// still in its caches; else what lay longest. Safe to use from several threads.
/// </summary>
internal sealed class WarmPool<T>(Func<T> make) : IDisposable
    where T : class, IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<T> _all = [];
    private readonly List<(T Thing, int Thread)> _free = [];

    /// <summary>Things that exist: as many as were ever on loan at once.</summary>
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

    public T Rent()
    {
        int thread = Environment.CurrentManagedThreadId;
        lock (_gate)
        {
            int at = _free.Count - 1;
            if (at < 0)
            {
                T made = make();
                _all.Add(made);
                return made;
            }

            while (at > 0 && _free[at].Thread != thread)
            {
                at--;
            }

            T thing = _free[at].Thing;
            _free.RemoveAt(at);
            return thing;
        }
    }

    public void Return(T thing)
    {
        lock (_gate)
        {
            _free.Add((thing, Environment.CurrentManagedThreadId));
        }
    }

    /// <summary>Frees everything, lent or not.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (T thing in _all)
            {
                thing.Dispose();
            }
        }
    }
}
