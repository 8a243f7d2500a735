using Entry = Akka.Actor.TimerThreadScheduler.ScheduledEntry;

namespace Akka.Actor;

/// <summary>A binary heap of scheduled entries, earliest first, whose entries know their place so that they can leave.</summary>
internal sealed class ScheduleHeap
{
    private readonly List<Entry> _entries = [];

    public Entry? First => _entries.Count > 0 ? _entries[0] : null;

    public int Count => _entries.Count;

    public void Add(Entry entry)
    {
        _entries.Add(entry);
        entry.Index = _entries.Count - 1;
        Raise(entry);
    }

    /// <summary>Takes an entry out, if it is in.</summary>
    public void Remove(Entry entry)
    {
        int index = entry.Index;
        if (index < 0)
        {
            return;
        }

        Entry last = _entries[^1];
        _entries.RemoveAt(_entries.Count - 1);
        entry.Index = -1;
        if (last != entry)
        {
            Place(last, index);
            Raise(last);
            Sink(last);
        }
    }

    private static bool IsBefore(Entry left, Entry right) =>
        left.Due != right.Due ? left.Due < right.Due : left.Sequence < right.Sequence;

    private void Place(Entry entry, int index)
    {
        _entries[index] = entry;
        entry.Index = index;
    }

    private void Raise(Entry entry)
    {
        while (entry.Index > 0)
        {
            int parentIndex = (entry.Index - 1) / 2;
            Entry parent = _entries[parentIndex];
            if (!IsBefore(entry, parent))
            {
                return;
            }

            Place(parent, entry.Index);
            Place(entry, parentIndex);
        }
    }

    private void Sink(Entry entry)
    {
        while (true)
        {
            int child = (entry.Index * 2) + 1;
            if (child >= _entries.Count)
            {
                return;
            }

            if (child + 1 < _entries.Count && IsBefore(_entries[child + 1], _entries[child]))
            {
                child++;
            }

            Entry earlier = _entries[child];
            if (!IsBefore(earlier, entry))
            {
                return;
            }

            Place(earlier, entry.Index);
            Place(entry, child);
        }
    }
}
