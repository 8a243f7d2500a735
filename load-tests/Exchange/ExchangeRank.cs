using System.Runtime.InteropServices;
using Actors.Model.Transfer;
using Actors.Runtime.Fabric.Devices;
using Actors.Tensors;
using Actors.Tensors.Formats;

namespace Actors.LoadTests.Exchange;

/// <summary>
/// A rank on a GPU of its own with a thread that enqueues, as its stage does: counts, rows and sums, each behind the marks of all ranks; or a dispatch and a combine that wait
/// for flags. What experts do is left out: a token gets back the sum of its own rows.
/// </summary>
internal sealed class ExchangeRank : IDisposable
{
    private readonly int _rank, _ranks;
    private readonly ExchangeTokens _tokens;
    private readonly ExchangeWindows _windows;
    private readonly IStream _stream;
    private readonly Arena _arena;
    private readonly Tensor _x, _experts, _weights, _places, _received, _tally, _y;
    private readonly StreamMark[] _marks;
    private readonly StreamMark _begin, _end;
    private readonly ExchangeFlags? _flags;
    private readonly long[] _recorded = new long[3];
    private long _exchanges;
    private RecordedWork? _played;

    public ExchangeRank(int rank, IReadOnlyList<IBackend> devices, ExchangeTokens tokens, int columns, ExchangeWindows windows, ExchangeFlags? flags = null)
    {
        (_rank, _ranks, _tokens, _windows, _flags) = (rank, devices.Count, tokens, windows, flags);
        IBackend device = devices[rank];
        _stream = device.CreateStream($"rank {rank}", isUrgent: true);
        int count = tokens.Count, choices = ExchangeTokens.Choices;
        _arena = new Arena(
            device, (2 * Arena.Plan(count, columns, ElementType.BFloat16)) + (2 * Arena.Plan(count, choices)) + Arena.Plan(count, _ranks) + (2 * Arena.Plan(1, 4)));
        (_x, _y) = (_arena.Take(count, columns, ElementType.BFloat16), _arena.Take(count, columns, ElementType.BFloat16));
        (_experts, _weights) = (_arena.Take(count, choices, ElementType.Int32), _arena.Take(count, choices));
        _places = _arena.Take(count, _ranks, ElementType.Int32);
        (_received, _tally) = (_arena.Take(1, 1, ElementType.Int32), _arena.Take(1, 5, ElementType.Int32));
        _marks = [device.CreateMark(), device.CreateMark(), device.CreateMark()];
        (_begin, _end) = (device.CreateMark(isTimed: true), device.CreateMark(isTimed: true));
        _stream.Upload(MemoryMarshal.AsBytes(tokens.Rows.AsSpan()), _x);
        _stream.Upload(MemoryMarshal.AsBytes(tokens.Chosen.AsSpan()), _experts);
        _stream.Upload(MemoryMarshal.AsBytes(tokens.Weights.AsSpan()), _weights);
        _stream.Zero(_tally);

        // What no rank writes shows as NaN in the sums.
        var poison = new byte[checked((int)(windows.All.Rows[rank].Count * sizeof(ushort)))];
        Array.Fill(poison, (byte)0xFF);
        _stream.Upload(poison, windows.All.Rows[rank]);
        Wait();
    }

    /// <summary>Enqueues exchanges, together with the threads of the other ranks.</summary>
    public void Enqueue(int exchanges, IReadOnlyList<ExchangeRank> all)
    {
        _stream.Record(_begin);
        for (int i = 0; i < exchanges; i++)
        {
            _exchanges++;
            _stream.CountDestinations(_experts, ExchangeTokens.Experts / _ranks, _places, _windows.Counts.RowRange(_rank, 1));
            Tell(ExchangePart.Counts);
            WaitFor(all, ExchangePart.Counts, _exchanges);
            // The sums of the exchange before have been read everywhere.
            WaitFor(all, ExchangePart.Sums, _exchanges - 1);
            _stream.PlaceRows(_windows.Counts, _rank, _ranks, _windows.All.Rows[0].Rows, _places, _received, _tally);
            _stream.PushRows(_x, _places, _windows.All.Rows);
            _stream.PushChoices(_experts, _weights, ExchangeTokens.Experts / _ranks, _places, _windows.All.Experts, _windows.All.Weights);
            Tell(ExchangePart.Rows);
            WaitFor(all, ExchangePart.Rows, _exchanges);
            _stream.CollectSums(_windows.All.Rows, _places, _ranks, _y);
            Tell(ExchangePart.Sums);
        }

        _stream.Record(_end);
    }

    /// <summary>Enqueues exchanges whose ranks wait for flags, behind one that is not timed: by it all ranks begin together.</summary>
    public void EnqueueByFlags(int exchanges)
    {
        ExchangeByFlags();
        _stream.Record(_begin);
        for (int i = 0; i < exchanges; i++)
        {
            ExchangeByFlags();
        }

        _stream.Record(_end);
        _exchanges += exchanges;
    }

    /// <summary>The same, recorded once and then enqueued in one call.</summary>
    public void PlayByFlags(int exchanges)
    {
        if (_played is null)
        {
            _stream.BeginRecording();
            for (int i = 0; i < exchanges; i++)
            {
                ExchangeByFlags();
            }

            _played = _stream.EndRecording();
        }

        ExchangeByFlags();
        _stream.Record(_begin);
        _stream.Play(_played);
        _stream.Record(_end);
        _exchanges += exchanges;
    }

    /// <summary>Waits for all that was enqueued.</summary>
    /// <returns>Seconds from the first exchange's begin to the last one's end, by the GPU's clock.</returns>
    public double Wait()
    {
        using var reader = new HostReader(_stream);
        reader.Wait();
        if (_flags?.Failure is { } failure)
        {
            throw new CheckFailedException($"{failure}.");
        }

        return _exchanges == 0 ? 0 : _end.SecondsSince(_begin);
    }

    /// <summary>Throws unless each token got back as many times its row as it has ranks, rounded once.</summary>
    public void Check()
    {
        using var reader = new HostReader(_stream);
        ReadOnlySpan<ushort> found = reader.Read<ushort>(_y);
        int columns = _y.Columns;
        for (int token = 0; token < _tokens.Count; token++)
        {
            int times = _tokens.RanksOf(token, _ranks);
            for (int column = 0; column < columns; column++)
            {
                int at = (token * columns) + column;
                ushort expected = BFloat16.FromSingle(times * BFloat16.ToSingle(_tokens.Rows[at]));
                if (found[at] != expected)
                {
                    throw new CheckFailedException(
                        $"rank {_rank}, token {token}, column {column} is {BFloat16.ToSingle(found[at])} and must be {BFloat16.ToSingle(expected)}.");
                }
            }
        }
    }

    public void Dispose()
    {
        _played?.Dispose();
        Array.ForEach(_marks, mark => mark.Dispose());
        _begin.Dispose();
        _end.Dispose();
        _stream.Dispose();
        _arena.Dispose();
    }

    private void ExchangeByFlags()
    {
        _stream.DispatchTokens(
            _flags!, _rank, _ranks, _x, _experts, _weights, ExchangeTokens.Experts / _ranks, _windows.All.Rows, _windows.All.Experts, _windows.All.Weights, _places,
            _tally.ColumnRange(1, 3));
        _stream.CombineTokens(_flags!, _rank, _ranks, _windows.All.Rows, _places, _y);
    }

    private void Tell(ExchangePart part)
    {
        _stream.Record(_marks[(int)part]);
        Volatile.Write(ref _recorded[(int)part], _exchanges);
    }

    /// <summary>Goes on behind the marks of all ranks: the host waits until they are recorded, the device until they are reached.</summary>
    private void WaitFor(IReadOnlyList<ExchangeRank> all, ExchangePart part, long exchange)
    {
        for (int rank = 0; rank < all.Count && exchange > 0; rank++)
        {
            if (rank == _rank)
            {
                continue;
            }

            // It ends: the peer's thread comes to the same part, or fails and ends the process.
            var spin = new SpinWait();
            while (Volatile.Read(ref all[rank]._recorded[(int)part]) < exchange)
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            _stream.Wait(all[rank]._marks[(int)part]);
        }
    }
}
