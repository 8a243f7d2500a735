using System.Diagnostics;
using Actors.LoadTests.Measuring;
using Akka.Actor;

namespace Actors.LoadTests.Messages;

/// <summary>What the actors of the message scenario say; each is made once.</summary>
internal sealed record Item(bool WantsAck)
{
    public static Item Plain { get; } = new(false);

    public static Item LastOfBatch { get; } = new(true);
}

/// <summary>Sink → source: a batch was taken.</summary>
internal sealed record BatchTaken
{
    public static BatchTaken Instance { get; } = new();
}

/// <summary>Caller → source: send until a time, then end the task.</summary>
internal sealed record SendUntil(long Ticks, CountdownEvent Done) : INoSerializationVerificationNeeded;

/// <summary>Sends batches, two under way, so that the sink's mailbox stays small.</summary>
internal sealed class SourceActor(IActorRef sink) : UntypedActor
{
    private const int Batch = 512;
    private SendUntil? _order;
    private int _underWay;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SendUntil order:
                _order = order;
                SendBatch();
                SendBatch();
                break;
            case BatchTaken:
                _underWay--;
                if (Stopwatch.GetTimestamp() < _order!.Ticks)
                {
                    SendBatch();
                }
                else if (_underWay == 0)
                {
                    _order.Done.Signal();
                }

                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void SendBatch()
    {
        _underWay++;
        for (int i = 1; i < Batch; i++)
        {
            sink.Tell(Item.Plain, Self);
        }

        sink.Tell(Item.LastOfBatch, Self);
    }
}

/// <summary>Counts items.</summary>
internal sealed class SinkActor(MessageCount count) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        count.Messages++;
        if (message is Item { WantsAck: true })
        {
            Sender.Tell(BatchTaken.Instance, Self);
        }
    }
}

/// <summary>Sends an item back and forth with an echo, and times each round trip.</summary>
internal sealed class PingActor(IActorRef echo, MessageCount count) : UntypedActor
{
    private SendUntil? _order;
    private long _sentTicks;

    protected override void OnReceive(object message)
    {
        long now = Stopwatch.GetTimestamp();
        if (message is SendUntil order)
        {
            _order = order;
        }
        else
        {
            count.Messages += 2;
            count.RoundTrips.Record(now - _sentTicks);
        }

        if (now < _order!.Ticks)
        {
            _sentTicks = now;
            echo.Tell(Item.Plain, Self);
        }
        else
        {
            _order.Done.Signal();
        }
    }
}

/// <summary>Sends back what it gets.</summary>
internal sealed class EchoActor : UntypedActor
{
    protected override void OnReceive(object message) => Sender.Tell(message, Self);
}

/// <summary>What one actor has counted; read when it is idle.</summary>
internal sealed class MessageCount
{
    public long Messages { get; set; }

    public LatencyHistogram RoundTrips { get; } = new();
}
