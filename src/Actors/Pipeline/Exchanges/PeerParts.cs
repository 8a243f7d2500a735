using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Devices;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Pipeline.Exchanges;

/// <summary>What the ranks of a group have enqueued of their exchanges: a rank's marks and messages, and those of others.</summary>
internal sealed class PeerParts : IDisposable
{
    private const int PartsOfPhase = 3;
    private readonly IExchangeRank _rank;
    private readonly IReadOnlyList<IActorRef> _stages;
    private readonly IActorRef _self;
    private readonly ByPhase<PartEnqueued?[]?> _own;
    private readonly ByPhase<Heard?[]?> _heard;
    private int _told;

    /// <summary>Makes the parts of a rank.</summary>
    /// <param name="rank">The rank.</param>
    /// <param name="group">Where the group's stages live.</param>
    /// <param name="self">The rank's stage.</param>
    public PeerParts(IExchangeRank rank, GroupAddresses group, IActorRef self)
    {
        (_rank, _stages, _self) = (rank, group.Stages, self);
        (_own, _heard) = (new(rank.ExchangeCount), new(rank.ExchangeCount));
    }

    /// <summary>Marks the end of a rank's part in a stream and tells all ranks of the group, this one too.</summary>
    /// <returns>When, in ticks of the run's clock.</returns>
    public long Tell(IStream stream, int exchange, ExchangePhase phase, ExchangePart part)
    {
        PartEnqueued?[] parts = _own[exchange, phase] ??= new PartEnqueued?[PartsOfPhase];
        PartEnqueued message = parts[(int)part] ??= new PartEnqueued(exchange, phase, part, _rank.ExpertRank, _rank.Backend.CreateMark());
        stream.Record(message.Mark);
        message.LastStart = _rank.Time.GetTimestamp();
        for (int rank = 0; rank < _stages.Count; rank++)
        {
            _stages[rank].Tell(message, _self);
        }

        _told += _stages.Count;
        return message.LastStart;
    }

    /// <summary>Takes what a rank tells.</summary>
    /// <returns>Where it is the last: when the last rank told it; else null.</returns>
    public long? Hear(PartEnqueued message)
    {
        Heard heard = (_heard[message.Exchange, message.Phase] ??= new Heard?[PartsOfPhase])[(int)message.Part] ??= new Heard(_stages.Count);
        heard.Marks[message.Rank] = message.Mark;
        heard.LastStart = Math.Max(heard.LastStart, message.LastStart);
        if (++heard.Count < _stages.Count)
        {
            return null;
        }

        long last = heard.LastStart;
        (heard.Count, heard.LastStart) = (0, 0);
        return last;
    }

    /// <summary>Has a stream wait for the marks of all ranks, which have all told of them.</summary>
    public void Wait(IStream stream, int exchange, ExchangePhase phase, ExchangePart part)
    {
        Heard heard = _heard[exchange, phase]![(int)part]!;
        for (int rank = 0; rank < heard.Marks.Length; rank++)
        {
            stream.Wait(heard.Marks[rank]!);
        }
    }

    /// <summary>Ranks that have told of a part, for messages to people.</summary>
    public int CountOf(int exchange, ExchangePhase phase, ExchangePart part) => _heard[exchange, phase]?[(int)part]?.Count ?? 0;

    /// <summary>Messages told since this was last asked.</summary>
    public int TakeTold()
    {
        int told = _told;
        _told = 0;
        return told;
    }

    public void Dispose()
    {
        for (int exchange = 0; exchange < _rank.ExchangeCount; exchange++)
        {
            foreach (ExchangePhase phase in (ReadOnlySpan<ExchangePhase>)[ExchangePhase.Forward, ExchangePhase.Backward])
            {
                foreach (PartEnqueued? part in _own[exchange, phase] ?? [])
                {
                    part?.Mark.Dispose();
                }
            }
        }
    }

    private sealed class Heard(int ranks)
    {
        public StreamMark?[] Marks { get; } = new StreamMark?[ranks];

        public int Count { get; set; }

        public long LastStart { get; set; }
    }
}
