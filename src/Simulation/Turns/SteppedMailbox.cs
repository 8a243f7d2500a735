using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace Actors.Simulation.Turns;

/// <summary>
/// A mailbox that gives one message a turn. A dispatcher whose throughput is 1 takes two, and Akka's clock decides where it also has a
/// deadline: neither repeats or mixes messages in every order.
/// </summary>
/// <param name="settings">Of the system; its <see cref="SimulationSetup"/> names the loop.</param>
/// <param name="config">The mailbox's section.</param>
public sealed class SteppedMailbox(Settings settings, Config config) : MailboxType(settings, config), IProducesMessageQueue<SteppedMailbox.Queue>
{
    private readonly SimulationSetup _setup = SimulationSetup.Of(settings);

    /// <inheritdoc/>
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new Queue(_setup.Loop, owner.Path, _setup.ProcessOf(owner.Path));

    /// <summary>Messages in order; a stash gives its own back to the front.</summary>
    /// <param name="loop">Counts turns.</param>
    /// <param name="owner">Path of the actor.</param>
    /// <param name="process">The simulated process that it is part of; null: none.</param>
    public sealed class Queue(SimulationLoop loop, ActorPath owner, ProcessTurns? process) : IMessageQueue, IUnboundedDequeBasedMessageQueueSemantics
    {
        private readonly LinkedList<Envelope> _messages = new();
        private long _turn = -1;

        /// <summary>A number that depends on the actor's path alone.</summary>
        public ulong Key { get; } = SimulationLoop.KeyOf(owner);

        /// <summary>The simulated process that the actor is part of; null: none.</summary>
        public ProcessTurns? Process { get; } = process;

        /// <inheritdoc/>
        public bool HasMessages => _messages.Count > 0;

        /// <inheritdoc/>
        public int Count => _messages.Count;

        /// <inheritdoc/>
        public void Enqueue(IActorRef receiver, Envelope envelope) => _messages.AddLast(envelope);

        /// <inheritdoc/>
        public void EnqueueFirst(Envelope envelope) => _messages.AddFirst(envelope);

        /// <inheritdoc/>
        public bool TryDequeue(out Envelope envelope)
        {
            if (_messages.First is not { } first || _turn == loop.Turns)
            {
                envelope = default;
                return false;
            }

            _turn = loop.Turns;
            _messages.RemoveFirst();
            envelope = first.Value;
            loop.Handles(owner, envelope);
            return true;
        }

        /// <inheritdoc/>
        public void CleanUp(IActorRef owner, IMessageQueue deadletters)
        {
            ArgumentNullException.ThrowIfNull(deadletters);
            foreach (Envelope left in _messages)
            {
                deadletters.Enqueue(owner, left);
            }

            _messages.Clear();
        }
    }
}
