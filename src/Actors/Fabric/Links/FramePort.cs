using System.Runtime.InteropServices;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric.Links;

/// <summary>
/// A stage's way to hand rows to other stages. Inside a domain the rows themselves change hands; to another domain they are written into
/// a frame, for which the sender needs a credit of the receiver. Without one they stay with the sender, who does not wait: what is
/// queued is bounded by what a step hands over. On devices that order streams rows are lent by marks to all whose device reaches them. Used by the stage's actor
/// alone.
/// </summary>
internal sealed class FramePort : IDisposable
{
    private readonly int _rank;
    private readonly FrameTransport _transport;
    private readonly TensorPool _pool;
    private readonly TensorPool _given;
    private readonly ITensorLink _link;
    private readonly RowLender? _lender;
    private readonly FrameReleased _released;
    private readonly Lane?[] _lanes;
    private IReadOnlyList<IActorRef> _stages = [];
    private IActorRef _self = ActorRefs.Nobody;

    /// <summary>Makes the port of a rank.</summary>
    /// <param name="rank">Number in the run.</param>
    /// <param name="transport">Leads to other domains.</param>
    /// <param name="pool">The domain's: where rows that have come lie, and where they go to.</param>
    /// <param name="link">Writes frames; the port's own.</param>
    /// <param name="given">Where rows that are handed over, and not lent, come from.</param>
    /// <param name="lender">Lends rows; null where devices do not order streams.</param>
    public FramePort(int rank, FrameTransport transport, TensorPool pool, ITensorLink link, TensorPool given, RowLender? lender = null)
    {
        (_rank, _transport, _pool, _link, _given, _lender) = (rank, transport, pool, link, given, lender);
        _released = new FrameReleased(rank);
        _lanes = new Lane?[transport.Ranks];
    }

    /// <summary>Names the stages of the run, rank by rank, and whose port this is.</summary>
    public void Connect(IReadOnlyList<IActorRef> stages, IActorRef self) => (_stages, _self) = (stages, self);

    /// <summary>Frames that went to other domains so far.</summary>
    public long FramesSent { get; private set; }

    /// <summary>Their rows.</summary>
    public long RowsSent { get; private set; }

    /// <summary>Bytes of their rows.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Frames that wait for a credit or are being written, and rows that were lent and have not come back.</summary>
    public int Waiting
    {
        get
        {
            int waiting = _lender?.Lent ?? 0;
            foreach (Lane? lane in _lanes)
            {
                waiting += lane is null ? 0 : lane.Parcels.Count + lane.Writing;
            }

            return waiting;
        }
    }

    /// <summary>Whether rows for a rank are lent by marks: they need not be computed when they are given.</summary>
    public bool Lends(int receiver) => _lender is not null && _transport.Lends(_rank, receiver);

    /// <summary>Rows that the stage computes for a rank, of undefined contents.</summary>
    public Frame Rent(int receiver, int rows, int columns, ElementType type) =>
        Lends(receiver) ? _lender!.Rent(rows, columns, type) : new Frame(_given.Rent(rows, columns, type), -1);

    /// <summary>Hands rows of <see cref="Rent"/> to a rank.</summary>
    public void Give(int receiver, Frame rows, Parcel parcel)
    {
        if (rows.Lent is { } lent)
        {
            _lender!.Give(lent);
            Tell(receiver, parcel.Message, rows);
            return;
        }

        if (_transport.IsOneDomain(_rank, receiver))
        {
            Tell(receiver, parcel.Message, rows);
            return;
        }

        parcel.Gives = true;
        parcel.Parts.Clear();
        parcel.Parts.Add(rows.Rows);
        Enqueue(receiver, parcel);
    }

    /// <summary>Has the stage's stream wait for rows that were lent to it; others are there.</summary>
    /// <returns>Whether they were lent.</returns>
    public bool Await(Frame rows)
    {
        if (rows.Lent is not { } lent)
        {
            return false;
        }

        _lender!.Await(lent);
        return true;
    }

    /// <summary>Takes rows back that were lent.</summary>
    public void Returned(RowsReturned returned) => _lender!.Return(returned.Lent);

    /// <summary>Sends the sum of a parcel's parts, in order, to a rank of another domain; they stay the caller's and as they are until it has gone.</summary>
    public void SendSum(int receiver, Parcel parcel) => Enqueue(receiver, parcel);

    /// <summary>Sends a tensor to a rank of another domain; it stays the caller's and as it is until it has gone.</summary>
    public void Send(int receiver, Tensor rows, Parcel parcel)
    {
        parcel.Parts.Clear();
        parcel.Parts.Add(rows);
        Enqueue(receiver, parcel);
    }

    /// <summary>Tells a rank that there are no rows for it.</summary>
    public void SendNothing(int receiver, Parcel parcel) => Tell(receiver, parcel.Message, Frame.Empty);

    /// <summary>Tells a stage what needs no rows.</summary>
    public void Tell(int receiver, object message) => _stages[receiver].Tell(message, _self);

    /// <summary>Gives rows back that another stage handed over; lent ones are read by what the stage's stream has been given so far.</summary>
    public void Release(Frame frame)
    {
        if (frame.Lent is { } lent)
        {
            _lender!.Read(lent);
            _stages[frame.Sender].Tell(lent.Returned, _self);
            return;
        }

        if (frame.Sender < 0)
        {
            _pool.Return(frame.Rows);
            return;
        }

        _transport.Return(frame);
        _stages[frame.Sender].Tell(_released, _self);
    }

    /// <summary>
    /// Makes rows that have come the domain's own, so that the credit of their frame never waits for the moment at which the stage's order
    /// reaches them: another frame may have to come first.
    /// </summary>
    /// <param name="message">Has brought them; where the link is late it brings them to the stage's actor once more.</param>
    /// <returns>The rows in the domain; null where the message follows.</returns>
    public Frame? Keep(FrameMessage message)
    {
        Frame frame = message.Take();
        if (frame.Sender < 0 || frame.Lent is not null)
        {
            return frame;
        }

        Tensor rows = _pool.Rent(frame.Rows.Rows, frame.Rows.Columns, frame.Rows.Type);
        _link.SumWhole([frame.Rows], rows);
        if (_link.IsIdle)
        {
            Release(frame);
            return new Frame(rows, -1);
        }

        message.Frame = new Frame(rows, -1);
        _link.NotifyBy(_self, new FrameKept(frame, message));
        return null;
    }

    /// <summary>Takes a credit back and sends what waits for it.</summary>
    public void Credit(FrameReleased released)
    {
        Lane lane = LaneTo(released.Receiver);
        lane.Credits++;
        if (lane.Credits > _transport.Credits)
        {
            // More credits than frames: one would be written while its receiver reads it.
            throw new InvalidOperationException($"Rank {released.Receiver} has given back more frames than rank {_rank} sent.");
        }

        Send(lane);
    }

    /// <summary>The rows of a frame have been written.</summary>
    public void Written(Parcel parcel)
    {
        LaneTo(parcel.Receiver).Writing--;
        FramesSent++;
        RowsSent += parcel.Rows.Rows;
        BytesSent += parcel.Rows.Count * parcel.Rows.Type.SizeInBytes();
        Tell(parcel.Receiver, parcel.Message, new Frame(parcel.Rows, _rank));
        if (parcel.Gives)
        {
            _given.Return(parcel.Parts[0]);
        }

        if (!parcel.Read.Rows.IsAbsent)
        {
            Release(parcel.Read);
        }

        parcel.Empty();
    }

    public void Dispose() => _link.Dispose();

    private Lane LaneTo(int receiver) => _lanes[receiver] ??= new Lane { Credits = _transport.Credits };

    private void Tell(int receiver, FrameMessage message, Frame frame)
    {
        message.Frame = frame;
        Tell(receiver, message);
    }

    private void Enqueue(int receiver, Parcel parcel)
    {
        parcel.Receiver = receiver;
        Lane lane = LaneTo(receiver);
        lane.Parcels.Enqueue(parcel);
        Send(lane);
    }

    private void Send(Lane lane)
    {
        while (lane.Credits > 0 && lane.Parcels.TryDequeue(out Parcel? parcel))
        {
            lane.Credits--;
            lane.Writing++;
            Write(parcel);
        }
    }

    private void Write(Parcel parcel)
    {
        Tensor first = parcel.Parts[0];
        parcel.Rows = _transport.Reserve(_rank, parcel.Receiver, first.Rows, first.Columns, first.Type);
        _link.SumWhole(CollectionsMarshal.AsSpan(parcel.Parts), parcel.Rows);
        if (_link.IsIdle)
        {
            Written(parcel);
        }
        else
        {
            _link.NotifyBy(_self, new FrameWritten(parcel));
        }
    }

    private sealed class Lane
    {
        public Queue<Parcel> Parcels { get; } = new();

        public int Credits { get; set; }

        public int Writing { get; set; }
    }
}
