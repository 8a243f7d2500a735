using Actors.Cpu;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>
/// Links that do what is asked of them later, on a thread of their own: a seed draws which link goes on next, and each keeps its own order.
/// Whoever reads rows, or lends their memory again, before a link has said that it is done reads what is not there yet.
/// </summary>
internal sealed class LateLinks : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<LateLink> _waiting = [];
    private readonly SemaphoreSlim _work = new(0);
    private readonly Random _random;
    private readonly Thread _thread;
    private bool _isEnding;

    public LateLinks(int seed)
    {
        _random = new Random(seed);
        _thread = new Thread(Run) { IsBackground = true, Name = "late links" };
        _thread.Start();
    }

    public ITensorLink Make() => new LateLink(this);

    public void Dispose()
    {
        Volatile.Write(ref _isEnding, true);
        _work.Release();
        _thread.Join();
        _work.Dispose();
    }

    private void Run()
    {
        while (true)
        {
            _work.Wait();
            if (Volatile.Read(ref _isEnding))
            {
                return;
            }

            LateLink link;
            lock (_gate)
            {
                int place = _random.Next(_waiting.Count);
                link = _waiting[place];
                _waiting.RemoveAt(place);
            }

            link.RunFirst();
        }
    }

    private void Add(LateLink link)
    {
        lock (_gate)
        {
            _waiting.Add(link);
        }

        _work.Release();
    }

    private sealed class LateLink(LateLinks links) : ITensorLink
    {
        private readonly HostLink _link = new();
        private readonly Queue<Action> _asked = new();

        public string Name => "late";

        public bool IsIdle
        {
            get
            {
                lock (_asked)
                {
                    return _asked.Count == 0;
                }
            }
        }

        public void Gather(Tensor source, ReadOnlySpan<int> rows, Tensor destination)
        {
            int[] taken = rows.ToArray();
            Ask(() => _link.Gather(source, taken, destination));
        }

        public void Scatter(Tensor source, ReadOnlySpan<int> from, ReadOnlySpan<int> to, Tensor destination)
        {
            (int[] takenFrom, int[] takenTo) = (from.ToArray(), to.ToArray());
            Ask(() => _link.Scatter(source, takenFrom, takenTo, destination));
        }

        public void Sum(ReadOnlySpan<Tensor> parts, ReadOnlySpan<int> rows, Tensor destination)
        {
            (Tensor[] takenParts, int[] takenRows) = (parts.ToArray(), rows.ToArray());
            Ask(() => _link.Sum(takenParts, takenRows, destination));
        }

        public void Notify(IStreamCompletion completion) => Ask(() => completion.Completed(null));

        /// <summary>Does the first thing asked; it counts as waiting until it is done.</summary>
        public void RunFirst()
        {
            Action first;
            lock (_asked)
            {
                first = _asked.Peek();
            }

            first();
            bool goesOn;
            lock (_asked)
            {
                _asked.Dequeue();
                goesOn = _asked.Count > 0;
            }

            if (goesOn)
            {
                links.Add(this);
            }
        }

        public void Dispose() => _link.Dispose();

        private void Ask(Action action)
        {
            bool isFirst;
            lock (_asked)
            {
                _asked.Enqueue(action);
                isFirst = _asked.Count == 1;
            }

            if (isFirst)
            {
                links.Add(this);
            }
        }
    }
}
