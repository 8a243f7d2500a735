using Actors.Tensors.Numbers;
using Akka.Actor;
using Akka.Dispatch;

namespace Actors.Simulation.Turns;

/// <summary>
/// One thread on which everything of a simulation runs: turns of actors in an order that a seed draws, and events at virtual times. Time
/// stands still while there is a turn to take, and then jumps to the next event. The same seed gives the same turns at the same times.
/// </summary>
public sealed class SimulationLoop
{
    /// <summary>So many turns go by before other actors are held back.</summary>
    private const int TurnsOfMood = 64;

    /// <summary>An actor that is held back is passed over so often before it gets its turn after all.</summary>
    private const int Patience = 3;

    private const ulong FnvPrime = 0x100000001B3;

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly List<Turn> _ready = [];
    private readonly PriorityQueue<(IRunnable Run, ProcessTurns? Process), (long Due, ulong Drawn)> _events = new();
    private ulong _random;
    private ulong _mood;
    private bool _ended;

    /// <summary>Makes a loop.</summary>
    /// <param name="seed">Decides every draw.</param>
    public SimulationLoop(ulong seed) => (Seed, _random) = (seed, seed);

    /// <summary>What decides every draw.</summary>
    public ulong Seed { get; }

    /// <summary>Ticks of 100 ns of virtual time. It starts at a second: a clock of 0 stands for "never" here and there.</summary>
    public long Now { get; private set; } = TimeSpan.TicksPerSecond;

    /// <summary>Turns and events so far.</summary>
    public long Turns { get; private set; }

    /// <summary>Depends on every turn so far, whose it was, when and which message: two runs with the same trace have done the same.</summary>
    public ulong Trace { get; private set; }

    /// <summary>The simulated process whose turn it is; null: none's.</summary>
    public ProcessTurns? Process { get; private set; }

    /// <summary>Sees each message as an actor takes it, after the actor's path; null: nobody does.</summary>
    public Action<ActorPath, Envelope>? Watch { get; set; }

    /// <summary>Whether turns are being taken; before and between, work is done as it comes.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>Does something for which nobody waits in virtual time, such as loading values: work of devices that it asks for is done at once.</summary>
    public void OutsideTime(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        bool isRunning = IsRunning;
        IsRunning = false;
        try
        {
            action();
        }
        finally
        {
            IsRunning = isRunning;
        }
    }

    /// <summary>A whole number from 0 to <paramref name="count"/> − 1.</summary>
    public int Draw(int count) => (int)(SplitMix64.Next(ref _random) % (ulong)count);

    /// <summary>A turn that may be taken from now on.</summary>
    /// <exception cref="InvalidOperationException">It comes from another thread, so the order of turns would not repeat.</exception>
    public void Add(IRunnable turn)
    {
        ArgumentNullException.ThrowIfNull(turn);
        if (_ended)
        {
            return;
        }

        if (Environment.CurrentManagedThreadId != _thread)
        {
            throw new InvalidOperationException("A turn of a simulation comes from another thread than the simulation's: something awaits or runs on the thread pool.");
        }

        (ulong key, ProcessTurns? process) = turn is Mailbox { MessageQueue: SteppedMailbox.Queue queue } ? (queue.Key, queue.Process) : (0, Process);
        Add(turn, key, process);
    }

    /// <summary>An event of the process whose turn it is, at a virtual time; among those of one time the seed draws.</summary>
    public void At(long due, Action action) => At(due, action, Process);

    /// <summary>An event of a process.</summary>
    public void At(long due, Action action, ProcessTurns? process) =>
        _events.Enqueue((new ActionRunnable(action), process), (Math.Max(due, Now), SplitMix64.Next(ref _random)));

    /// <summary>A turn of a process that may be taken unless the process has ended or stands still.</summary>
    internal void Add(IRunnable run, ulong key, ProcessTurns? process)
    {
        if (process is null or { IsHeld: false, IsDropped: false })
        {
            _ready.Add(new Turn(run, key, process));
        }
        else if (process.IsHeld)
        {
            process.Keep(run, key);
        }
    }

    /// <summary>Takes the turns of a process out of those that may be taken.</summary>
    internal void Withdraw(ProcessTurns process, List<(IRunnable Run, ulong Key)> withdrawn)
    {
        withdrawn.AddRange(_ready.Where(turn => turn.Process == process).Select(turn => (turn.Run, turn.Key)));
        _ready.RemoveAll(turn => turn.Process == process);
    }

    /// <summary>Takes turns until <paramref name="isDone"/>, or nothing is left to do.</summary>
    /// <param name="isDone">Asked after each turn.</param>
    /// <param name="mostTurns">Turns after which the loop gives up.</param>
    /// <returns>Whether it is done.</returns>
    /// <exception cref="SimulationException">Too many turns were taken.</exception>
    public bool Run(Func<bool> isDone, long mostTurns = 20_000_000)
    {
        ArgumentNullException.ThrowIfNull(isDone);
        IsRunning = true;
        try
        {
            for (long turn = 0; !isDone(); turn++)
            {
                if (turn == mostTurns)
                {
                    throw new SimulationException(Seed, $"{mostTurns} turns were taken and there is no end of them.");
                }

                if (!TryTake(out Turn taken))
                {
                    return false;
                }

                Turns++;
                Trace = Mix(Trace ^ Mix(taken.Key ^ (ulong)Now));
                Process = taken.Process;
                taken.Run.Run();
                Process = null;
            }

            return true;
        }
        finally
        {
            (IsRunning, Process) = (false, null);
        }
    }

    /// <summary>The present turn handles a message.</summary>
    internal void Handles(ActorPath actor, Envelope envelope)
    {
        Trace = Hash(Trace, envelope.Message.GetType().Name);
        Watch?.Invoke(actor, envelope);
    }

    /// <summary>A number for a path, the same in every process. Akka counts some of its own actors over all systems of a process: their numbers play no part.</summary>
    internal static ulong KeyOf(ActorPath path)
    {
        string text = path.ToStringWithoutAddress();
        return Mix(Hash(0, text.StartsWith("/system/", StringComparison.Ordinal) ? text.TrimEnd("-0123456789".ToCharArray()) : text));
    }

    private static ulong Hash(ulong hash, string text)
    {
        foreach (char letter in text)
        {
            hash = (hash ^ letter) * FnvPrime;
        }

        return hash;
    }

    /// <summary>From now on nothing is taken any more: what the end of the actor system leaves behind is dropped.</summary>
    public void End()
    {
        _ended = true;
        _ready.Clear();
        _events.Clear();
    }

    private bool TryTake(out Turn turn)
    {
        while (_events.TryPeek(out (IRunnable Run, ProcessTurns? Process) next, out (long Due, ulong Drawn) place) && (place.Due <= Now || _ready.Count == 0))
        {
            _events.Dequeue();
            Now = Math.Max(Now, place.Due);
            Add(next.Run, place.Drawn, next.Process);
        }

        if (_ready.Count == 0)
        {
            turn = default;
            return false;
        }

        int index = DrawTurn();
        turn = _ready[index];
        _ready[index] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        return true;
    }

    /// <summary>
    /// Any turn; but for a while some actors rarely get one, as on a thread that the system has put to sleep. The order in which turns came
    /// plays no part: Akka stops the children of an actor in an order that is another in each process.
    /// </summary>
    private int DrawTurn()
    {
        if (Turns % TurnsOfMood == 0)
        {
            _mood = SplitMix64.Next(ref _random);
        }

        int index = DrawAny();
        for (int passed = 0; passed < Patience && _ready.Count > 1 && Mix(_mood ^ _ready[index].Key) % 4 == 0; passed++)
        {
            index = DrawAny();
        }

        return index;
    }

    private int DrawAny()
    {
        ulong draw = SplitMix64.Next(ref _random), least = ulong.MaxValue;
        int index = 0;
        for (int i = 0; i < _ready.Count; i++)
        {
            ulong place = Mix(draw ^ _ready[i].Key);
            if (place < least)
            {
                (least, index) = (place, i);
            }
        }

        return index;
    }

    private static ulong Mix(ulong value) => SplitMix64.Next(ref value);

    private readonly record struct Turn(IRunnable Run, ulong Key, ProcessTurns? Process);
}
