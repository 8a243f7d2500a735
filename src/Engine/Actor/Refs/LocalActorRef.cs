using Akka.Actor.Internal;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>The handle of an actor in this process: it hands everything to the actor's cell.</summary>
internal sealed class LocalActorRef : ActorRefBase
{
    private readonly ActorCell _cell;
    private readonly Mailbox _mailbox;

    public LocalActorRef(ActorSystemImpl system, Props props, MessageDispatcher dispatcher, MailboxType mailboxType, ActorRefBase parent, ActorPath path)
    {
        Path = path;
        _cell = new ActorCell(system, this, props, dispatcher, parent);
        _mailbox = new Mailbox(_cell, dispatcher, mailboxType.CreateQueue());
        _cell.Initialize(_mailbox);
    }

    public override ActorPath Path { get; }

    public ActorCell Cell => _cell;

    internal override ActorSystemImpl SystemImpl => _cell.SystemImpl;

    internal override ActorRefBase Parent => _cell.ParentRef;

    protected override void TellInternal(object message, IActorRef? sender) => _mailbox.Post(new Envelope(message, sender));

    internal override void SendSystemMessage(SystemMessage message) => _mailbox.PostSystem(message);

    internal override ActorRefBase GetSingleChild(string name) => _cell.GetSingleChild(name);

    internal override IReadOnlyList<IActorRef> GetChildren() => _cell.ChildrenSnapshot();

    internal override void Start() => _cell.Start();

    internal override void Stop() => SendSystemMessage(new Terminate());

    internal override void Suspend() => SendSystemMessage(new Suspend());

    internal override void Resume(Exception? causedByFailure) => SendSystemMessage(new Resume(causedByFailure));

    internal override void Restart(Exception cause) => SendSystemMessage(new Recreate(cause));
}
