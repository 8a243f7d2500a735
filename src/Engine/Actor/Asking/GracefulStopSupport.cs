using Akka.Actor.Internal;
using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>Stops actors and says when they are gone.</summary>
public static class GracefulStopSupport
{
    /// <summary>Sends <see cref="PoisonPill"/>; the task is true when the actor is gone and false when the time was over first.</summary>
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>Sends <paramref name="stopMessage"/>; the task is true when the actor is gone and false when the time was over first.</summary>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        if (target is not ActorRefBase { SystemImpl: { } system } actor)
        {
            throw new InvalidOperationException($"{target} is not an actor of this engine and cannot be watched.");
        }

        EndWatcher watcher = new(system);
        using Cancelable alarm = new(system.Scheduler);
        system.Scheduler.Advanced.ScheduleOnce(timeout, watcher.TimeIsOver, alarm);
        actor.SendSystemMessage(new Watch(actor, watcher));
        actor.Tell(stopMessage, ActorRefs.NoSender);
        bool isGone = await watcher.Gone.ConfigureAwait(false);
        alarm.Cancel();
        actor.SendSystemMessage(new Unwatch(actor, watcher));
        return isGone;
    }

    private sealed class EndWatcher(ActorSystemImpl system) : PathActorRef(system, system.TempPath())
    {
        private readonly TaskCompletionSource<bool> _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<bool> Gone => _gone.Task;

        public void TimeIsOver() => _gone.TrySetResult(false);

        internal override void SendSystemMessage(SystemMessage message)
        {
            if (message is DeathWatchNotification)
            {
                _gone.TrySetResult(true);
            }
        }

        protected override void TellInternal(object message, IActorRef? sender)
        {
        }
    }
}
