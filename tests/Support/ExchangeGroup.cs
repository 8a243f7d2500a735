using System.Runtime.InteropServices;
using Actors.Model.Transfer;
using Actors.Tensors;

namespace Actors.Tests.Support;

/// <summary>
/// Ranks that exchange rows one exchange after the other over one set of windows, which hold NaN at first. Experts return each row as it came, so a token gets back
/// the sum of its own rows over its ranks.
/// </summary>
public sealed class ExchangeGroup : IDisposable
{
    private const int Parts = 4;
    private readonly ExchangeData _data;
    private readonly Arena[] _arenas;
    private readonly IStream[] _streams;
    private readonly StreamMark[][] _marks;
    private readonly Tensor[] _x, _y, _experts, _weights, _places, _received, _tally, _rows, _partials, _windowExperts, _windowWeights;
    private readonly Tensor _counts;

    /// <summary>Makes the ranks.</summary>
    /// <param name="devices">The device of each.</param>
    /// <param name="data">What they exchange.</param>
    /// <param name="limit">Longest wait for a flag.</param>
    public ExchangeGroup(IReadOnlyList<IBackend> devices, ExchangeData data, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentNullException.ThrowIfNull(data);
        (_data, int all, int window) = (data, data.Exchanges * data.Tokens, data.Ranks * data.Tokens);
        _streams = [.. devices.Select((device, rank) => device.CreateStream($"rank {rank}"))];
        _marks = [.. devices.Select(device => Enumerable.Range(0, Parts).Select(_ => device.CreateMark()).ToArray())];
        Flags = devices[0].CreateFlags(devices, data.Tokens, limit);
        _arenas = [.. devices.Select(device => new Arena(
            device, (2 * Arena.Plan(all, data.Columns)) + (2 * Arena.Plan(all, data.Choices)) + Arena.Plan(data.Tokens, data.Ranks) + (3 * Arena.Plan(data.Ranks, data.Ranks + 4))
                + (2 * Arena.Plan(window, data.Columns)) + (2 * Arena.Plan(window, data.Choices))))];
        Tensor[] Take(int rows, int columns, ElementType type) => [.. _arenas.Select(arena => arena.Take(rows, columns, type))];
        (_x, _y) = (Take(all, data.Columns, data.Type), Take(all, data.Columns, data.Type));
        (_experts, _weights) = (Take(all, data.Choices, ElementType.Int32), Take(all, data.Choices, ElementType.Float32));
        _places = Take(data.Tokens, data.Ranks, ElementType.Int32);
        (_received, _tally) = (Take(1, 1, ElementType.Int32), Take(1, 5, ElementType.Int32));
        _counts = _arenas[0].Take(data.Ranks, data.Ranks, ElementType.Int32);
        (_rows, _partials) = (Take(window, data.Columns, data.Type), Take(window, data.Columns, data.Type));
        (_windowExperts, _windowWeights) = (Take(window, data.Choices, ElementType.Int32), Take(window, data.Choices, ElementType.Float32));
        for (int rank = 0; rank < data.Ranks; rank++)
        {
            IStream stream = _streams[rank];
            stream.Upload(data.Rows[rank], _x[rank]);
            stream.Upload(MemoryMarshal.AsBytes<int>(data.Experts[rank]), _experts[rank]);
            stream.Upload(MemoryMarshal.AsBytes<float>(data.Weights[rank]), _weights[rank]);
            stream.Zero(_tally[rank]);
            stream.Zero(_y[rank]);
            foreach (Tensor poisoned in (Tensor[])[_rows[rank], _partials[rank], _windowExperts[rank], _windowWeights[rank]])
            {
                var bytes = new byte[poisoned.Count * poisoned.Type.SizeInBytes()];
                Array.Fill(bytes, byte.MaxValue);
                stream.Upload(bytes, poisoned);
            }
        }

        Wait();
    }

    /// <summary>The group's flags.</summary>
    public ExchangeFlags Flags { get; }

    /// <summary>A rank's stream.</summary>
    public IStream StreamOf(int rank) => _streams[rank];

    /// <summary>Waits for all that was enqueued.</summary>
    public void Wait()
    {
        foreach (IStream stream in _streams)
        {
            using var reader = new HostReader(stream);
            reader.Wait();
        }
    }

    /// <summary>Enqueues an exchange of all ranks, whose parts go on behind each other's marks.</summary>
    public void EnqueueByMarks(int exchange)
    {
        for (int rank = 0; rank < _data.Ranks; rank++)
        {
            _streams[rank].CountDestinations(Part(_experts[rank], rank, exchange), _data.ExpertsPerRank, Places(rank, exchange), _counts.RowRange(rank, 1));
            _streams[rank].Record(_marks[rank][0]);
        }

        for (int rank = 0; rank < _data.Ranks; rank++)
        {
            WaitFor(rank, part: 0);
            Tensor places = Places(rank, exchange);
            IStream stream = _streams[rank];
            stream.PlaceRows(_counts, rank, _data.RanksPerNode, _rows[rank].Rows, places, _received[rank], _tally[rank]);
            stream.PushRows(Part(_x[rank], rank, exchange), places, _rows);
            stream.PushChoices(
                Part(_experts[rank], rank, exchange), Part(_weights[rank], rank, exchange), _data.ExpertsPerRank, places, _windowExperts, _windowWeights);
            stream.Record(_marks[rank][1]);
        }

        for (int rank = 0; rank < _data.Ranks; rank++)
        {
            WaitFor(rank, part: 1);
            Compute(rank);
            _streams[rank].Record(_marks[rank][2]);
        }

        for (int rank = 0; rank < _data.Ranks; rank++)
        {
            WaitFor(rank, part: 2);
            _streams[rank].CollectSums(_partials, Places(rank, exchange), _data.RanksPerNode, Part(_y[rank], rank, exchange));
            _streams[rank].Record(_marks[rank][3]);
        }
    }

    /// <summary>Enqueues a rank's part of an exchange whose ranks wait for flags; where operations run at once all ranks dispatch first.</summary>
    public void EnqueueByFlags(int rank, int exchange)
    {
        Dispatch(rank, exchange);
        Compute(rank);
        Combine(rank, exchange);
    }

    /// <summary>A rank's dispatch.</summary>
    public void Dispatch(int rank, int exchange) => _streams[rank].DispatchTokens(
        Flags, rank, _data.RanksPerNode, Part(_x[rank], rank, exchange), Part(_experts[rank], rank, exchange), Part(_weights[rank], rank, exchange), _data.ExpertsPerRank,
        _rows, _windowExperts, _windowWeights, Places(rank, exchange), _tally[rank].ColumnRange(1, 3));

    /// <summary>What a rank's experts do.</summary>
    public void Compute(int rank) => _streams[rank].Copy(_rows[rank], _partials[rank]);

    /// <summary>A rank's combine.</summary>
    public void Combine(int rank, int exchange) => _streams[rank].CombineTokens(
        Flags, rank, _data.RanksPerNode, _partials, Places(rank, exchange), Part(_y[rank], rank, exchange));

    /// <summary>What each rank got back in all exchanges, (exchanges · tokens, columns) one rank after the other.</summary>
    public byte[] Sums() => Read(_y);

    /// <summary>Experts and weights of all windows after the last exchange.</summary>
    public byte[] Choices() => [.. Read(_windowExperts), .. Read(_windowWeights)];

    /// <summary>Most nodes of a token, rows inside and beyond the node, of each rank.</summary>
    public byte[] Tallies() => Read([.. _tally.Select(tally => tally.ColumnRange(1, 3))]);

    /// <inheritdoc/>
    public void Dispose()
    {
        Wait();
        Array.ForEach(_streams, stream => stream.Dispose());
        Array.ForEach(_marks, marks => Array.ForEach(marks, mark => mark.Dispose()));
        Flags.Dispose();
        Array.ForEach(_arenas, arena => arena.Dispose());
    }

    private Tensor Part(Tensor all, int rank, int exchange) => all.RowRange(exchange * _data.Tokens, _data.Counts[rank][exchange]);

    private Tensor Places(int rank, int exchange) => _places[rank].RowRange(0, _data.Counts[rank][exchange]);

    private void WaitFor(int rank, int part)
    {
        for (int other = 0; other < _data.Ranks; other++)
        {
            _streams[rank].Wait(_marks[other][part]);
        }
    }

    private byte[] Read(Tensor[] tensors)
    {
        var bytes = new List<byte>();
        for (int rank = 0; rank < tensors.Length; rank++)
        {
            using var reader = new HostReader(_streams[rank]);
            bytes.AddRange(reader.Read<byte>(tensors[rank]));
        }

        return [.. bytes];
    }
}
