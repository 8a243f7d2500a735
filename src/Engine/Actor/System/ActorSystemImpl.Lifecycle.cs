using Akka.Actor.Setup;
using Akka.Event;

namespace Akka.Actor.Internal;

/// <summary>The system's start and end.</summary>
internal sealed partial class ActorSystemImpl
{
    private readonly StandardErrorLogger _standardError;
    private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<Action> _onTermination = new();
    private readonly Lock _endLock = new();
    private int _ending;
    private IActorRef? _deadLetterListener;

    public override Task WhenTerminated => _terminated.Task;

    public static ActorSystemImpl CreateAndStart(string name, ActorSystemSetup setup)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(setup);
        if (!IsValidName(name))
        {
            throw new ArgumentException($"'{name}' cannot name an actor system: use ASCII letters, digits, '-' and '_', the last two not in front.", nameof(name));
        }

        ActorSystemImpl system = new(name, setup);
        system.Start();
        return system;
    }

    public override void RegisterOnTermination(Action code)
    {
        ArgumentNullException.ThrowIfNull(code);
        lock (_endLock)
        {
            if (!_terminated.Task.IsCompleted)
            {
                _onTermination.Push(code);
                return;
            }
        }

        code();
    }

    public override Task Terminate()
    {
        if (Settings.CoordinatedShutdownRunByActorSystemTerminate)
        {
            CoordinatedShutdown.Get(this).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance)
                .ContinueWith(static (_, state) => ((ActorSystemImpl)state!).FinalTerminate(), this, TaskScheduler.Default);
        }
        else
        {
            FinalTerminate();
        }

        return WhenTerminated;
    }

    /// <summary>Stops all actors, without the phases of the coordinated shutdown.</summary>
    public Task FinalTerminate()
    {
        if (Interlocked.Exchange(ref _ending, 1) == 0)
        {
            if (!Settings.LogDeadLettersDuringShutdown && _deadLetterListener is not null)
            {
                Stop(_deadLetterListener);
            }

            _user.Stop();
        }

        return WhenTerminated;
    }

    /// <summary>The last actor has ended.</summary>
    public void CompleteTermination()
    {
        while (true)
        {
            Action code;
            lock (_endLock)
            {
                if (!_onTermination.TryPop(out code!))
                {
                    break;
                }
            }

            try
            {
                code();
            }
            catch (Exception failure)
            {
                Log.Error(failure, "A termination callback failed: {0}", failure.Message);
            }
        }

        if (Scheduler is TimerThreadScheduler own)
        {
            own.Dispose();
        }

        Dispatchers.Shutdown();
        lock (_endLock)
        {
            _terminated.TrySetResult();
        }
    }

    private static bool IsValidName(string name)
    {
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
            {
                return false;
            }
        }

        return name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]);
    }

    private void Start()
    {
        EventStream.SetLogLevel(Logging.LogLevelFor(Settings.StdoutLogLevel));
        EventStream.AddLogger(_standardError);
        EventStream.StartUnsubscriber(this);
        Loggers.Start(this, _standardError);
        EventStream.SetLogLevel(Logging.LogLevelFor(Settings.LogLevel));
        if (Settings.LogDeadLetters > 0)
        {
            int limit = Settings.LogDeadLetters;
            _deadLetterListener = SystemActorOf(Props.Create(() => new DeadLetterListener(limit)), "deadLetterListener");
        }
    }
}
