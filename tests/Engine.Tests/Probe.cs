using System.Threading.Channels;
using Akka.Actor;

namespace Akka.Tests;

/// <summary>An actor that keeps what it receives until the test takes it. Waits have a limit that only a broken engine reaches.</summary>
internal sealed class Probe
{
    /// <summary>Far above what any step takes on a busy machine: reaching it means that the message never comes.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly Channel<Envelope> _received = Channel.CreateUnbounded<Envelope>();

    public Probe(ActorSystem system, string? name = null) => Ref = system.ActorOf(Props.Create(() => new Recorder(_received.Writer)), name);

    public IActorRef Ref { get; }

    public IActorRef LastSender { get; private set; } = ActorRefs.Nobody;

    public async Task<object> Next()
    {
        using CancellationTokenSource limit = new(Limit);
        Envelope envelope = await _received.Reader.ReadAsync(limit.Token);
        LastSender = envelope.Sender ?? ActorRefs.Nobody;
        return envelope.Message;
    }

    public async Task<T> Next<T>() => Assert.IsType<T>(await Next(), exactMatch: false);

    public async Task Expect(params object[] messages)
    {
        foreach (object message in messages)
        {
            Assert.Equal(message, await Next());
        }
    }

    /// <summary>
    /// Asserts that a watched actor ended. Whether its existence is confirmed depends on which came first: the watch or the end.
    /// </summary>
    public async Task ExpectEnd(IActorRef actor) => Assert.Equal(actor, (await Next<Terminated>()).ActorRef);

    /// <summary>Asserts that nothing came so far, by a message of the test's own behind it.</summary>
    public async Task ExpectNothingMore()
    {
        object mark = new();
        Ref.Tell(mark, ActorRefs.NoSender);
        Assert.Same(mark, await Next());
    }

    /// <summary>Has the probe watch an actor; <see cref="Terminated"/> comes like any message.</summary>
    public async Task Watch(IActorRef subject) => await Ref.Ask<WatchDone>(new WatchOrder(subject), Limit);

    private sealed record WatchOrder(IActorRef Subject);

    private sealed record WatchDone;

    private sealed class Recorder(ChannelWriter<Envelope> received) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is WatchOrder order)
            {
                Context.Watch(order.Subject);
                Sender.Tell(new WatchDone());
                return;
            }

            received.TryWrite(new Envelope(message, Sender));
        }
    }
}
