using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Fabric.Links;

/// <summary>
/// A stage's way to hand rows to other stages. Inside a domain the rows themselves change hands; to another domain they are written into
/// a frame, for which the sender needs a credit of the receiver. Without one they stay with the sender, who does not wait: what is
/// queued is bounded by what a step hands over. Used by the stage's actor alone.
/// </summary>
internal sealed class FramePort : IDisposable
{
    private readonly int _rank;
    private readonly FrameTransport _transport;
    private readonly TensorPool _pool;
    private readonly ITensorLink _link;
    private readonly FrameReleased _released;
    private readonly Lane?[] _lanes;
    private IReadOnlyList<IActorRef> _stages = [];
    private IActorRef _self = ActorRefs.Nobody;

    /// <summary>Makes the port of a rank.</summary>
    /// <param name="rank">Number in the run.</param>
    /// <param name="transport">Leads to other domains.</param>
    /// <param name="pool">The domain's: where rows that are handed over come from and go to.</param>
    /// <param name="link">Writes frames; the port's own.</param>
    public FramePort(int rank, FrameTransport transport, TensorPool pool, ITensorLink link)
    {
        (_rank, _transport, _pool, _link) = (rank, transport, pool, link);
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

    /// <summary>Frames that wait for a credit or are being written.</summary>
    public int Waiting
    {
        get
        {
            int waiting = 0;
            foreach (Lane? lane in _lanes)
            {
                waiting += lane is null ? 0 : lane.Parcels.Count + lane.Writing;
            }

            return waiting;
        }
    }

    /// <summary>Hands rows of the domain's pool to a rank.</summary>
    public void Give(int receiver, Tensor rows, Func<Frame, object> message)
    {
        if (_transport.IsOneDomain(_rank, receiver))
        {
            Tell(receiver, message(new Frame(rows, -1)));
            return;
        }

        Enqueue(new Parcel(receiver, [rows], message) { Gives = true });
    }

    /// <summary>Sends the sum of tensors of one shape, in order, to a rank of another domain; they stay the caller's and as they are until it has gone.</summary>
    /// <param name="receiver">The rank.</param>
    /// <param name="parts">What is summed; one: sent as it is.</param>
    /// <param name="message">What brings the frame.</param>
    /// <param name="read">A frame among the parts; it is given back.</param>
    public void SendSum(int receiver, Tensor[] parts, Func<Frame, object> message, Frame read = default) =>
        Enqueue(new Parcel(receiver, parts, message) { Read = read });

    /// <summary>Tells a stage what needs no rows.</summary>
    public void Tell(int receiver, object message) => _stages[receiver].Tell(message, _self);

    /// <summary>Gives rows back that another stage handed over.</summary>
    public void Release(Frame frame)
    {
        if (frame.Sender < 0)
        {
            _pool.Return(frame.Rows);
            return;
        }

        _transport.Return(frame.Rows);
        _stages[frame.Sender].Tell(_released, _self);
    }

    /// <summary>
    /// Makes rows that have come the domain's own, so that the credit of their frame never waits for the moment at which the stage's order
    /// reaches them: another frame may have to come first.
    /// </summary>
    /// <param name="frame">What has come.</param>
    /// <param name="message">Brings the rows to the stage's actor where the link is late.</param>
    /// <returns>The rows in the domain; null where the message follows.</returns>
    public Frame? Keep(Frame frame, Func<Frame, object> message)
    {
        if (frame.Sender < 0)
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

        _link.NotifyBy(_self, new FrameKept(frame, message(new Frame(rows, -1))));
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
        Tell(parcel.Receiver, parcel.Message(new Frame(parcel.Rows, _rank)));
        if (parcel.Gives)
        {
            _pool.Return(parcel.Parts[0]);
        }

        if (!parcel.Read.Rows.IsAbsent)
        {
            Release(parcel.Read);
        }
    }

    public void Dispose() => _link.Dispose();

    private Lane LaneTo(int receiver) => _lanes[receiver] ??= new Lane { Credits = _transport.Credits };

    private void Enqueue(Parcel parcel)
    {
        Lane lane = LaneTo(parcel.Receiver);
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
        parcel.Rows = _transport.Reserve(first.Rows, first.Columns, first.Type);
        _link.SumWhole(parcel.Parts, parcel.Rows);
        if (_link.IsIdle)
        {
            Written(parcel);
        }
        else
        {
            _link.NotifyBy(_self, new FrameWritten(parcel));
        }
    }

    /// <summary>What is to be sent to a rank of another domain.</summary>
    internal sealed class Parcel(int receiver, Tensor[] parts, Func<Frame, object> message)
    {
        public int Receiver { get; } = receiver;

        public Tensor[] Parts { get; } = parts;

        public Func<Frame, object> Message { get; } = message;

        /// <summary>Whether the one part goes back to the domain's pool once it is written.</summary>
        public bool Gives { get; init; }

        /// <summary>A frame among the parts.</summary>
        public Frame Read { get; init; }

        /// <summary>The frame's rows.</summary>
        public Tensor Rows { get; set; }
    }

    private sealed class Lane
    {
        public Queue<Parcel> Parcels { get; } = new();

        public int Credits { get; set; }

        public int Writing { get; set; }
    }
}
