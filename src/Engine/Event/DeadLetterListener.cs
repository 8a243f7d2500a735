using Akka.Actor;

namespace Akka.Event;

/// <summary>Logs the first dead letters, so that a lost message can be found without a flood of lines.</summary>
internal sealed class DeadLetterListener : ReceiveActor
{
    private readonly int _limit;
    private int _count;

    /// <param name="limit">Most dead letters that are logged.</param>
    public DeadLetterListener(int limit)
    {
        _limit = limit;
        ILoggingAdapter log = Context.GetLogger();
        Receive<AllDeadLetters>(letter => Log(log, letter));
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe<DeadLetter>(Self);
        Context.System.EventStream.Subscribe<Dropped>(Self);
        Context.System.EventStream.Subscribe<UnhandledMessage>(Self);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void Log(ILoggingAdapter log, AllDeadLetters letter)
    {
        _count++;
        string what = letter switch
        {
            UnhandledMessage => "was not handled",
            Dropped dropped => $"was dropped ({dropped.Reason})",
            _ => "was not delivered",
        };
        log.Info("Message [{0}] from {1} to {2} {3}", letter.Message.GetType().Name, letter.Sender, letter.Recipient, $"{what}. [{_count}] dead letters encountered.");
        if (_count >= _limit)
        {
            log.Info("No more dead letters will be logged; akka.log-dead-letters sets the limit.");
            Context.Stop(Self);
        }
    }
}
