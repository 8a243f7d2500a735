using System.Numerics;
using Actors.Tensors;

namespace Actors.Runtime.Serving;

/// <summary>
/// Decoding steps of a rank that computes alone, or that waits for others on its device, by their number of rows: the first of them is enqueued an operation at a time, the second is recorded, and
/// from then on a step is one call. Numbers of rows are powers of two, and the most that there can be.
/// </summary>
/// <param name="stream">The rank's.</param>
/// <param name="maxRows">Most sequences.</param>
internal sealed class DecodeRecordings(IStream stream, int maxRows) : IDisposable
{
    private readonly Dictionary<int, RecordedWork?> _works = [];
    private int _rows;

    /// <summary>Whether the present step's operations are recorded.</summary>
    public bool IsRecording { get; private set; }

    /// <summary>Rows of a step of so many sequences.</summary>
    public int RowsFor(int sequences) => RowsFor(sequences, maxRows);

    /// <summary>Rows of a step of so many sequences, where there can be so many at most.</summary>
    public static int RowsFor(int sequences, int maxRows) => Math.Min(maxRows, (int)BitOperations.RoundUpToPowerOf2((uint)sequences));

    /// <summary>Begins a step whose inputs have been enqueued.</summary>
    /// <returns>Whether all of it has been enqueued.</returns>
    public bool TryPlay(int rows)
    {
        _rows = rows;
        if (!_works.TryGetValue(rows, out RecordedWork? work))
        {
            return false;
        }

        if (work is not null)
        {
            stream.Play(work);
            return true;
        }

        stream.BeginRecording();
        IsRecording = true;
        return false;
    }

    /// <summary>All of a step has been enqueued, or recorded: then it is enqueued now.</summary>
    public void End()
    {
        if (!IsRecording)
        {
            _works.TryAdd(_rows, null);
            return;
        }

        IsRecording = false;
        RecordedWork work = stream.EndRecording();
        _works[_rows] = work;
        stream.Play(work);
    }

    public void Dispose()
    {
        foreach (RecordedWork? work in _works.Values)
        {
            work?.Dispose();
        }
    }
}
