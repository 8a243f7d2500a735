using Actors.Model.Numbers;
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
    private readonly PriorityQueue<IRunnable, (long Due, ulong Drawn)> _events = new();
    private readonly Dictionary<IRunnable, int> _numbers = new(ReferenceEqualityComparer.Instance);
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

    /// <summary>Whether turns are being taken; before and between, work is done as it comes.</summary>
    public bool IsRunning { get; private set; }

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

        _ready.Add(new Turn(turn, NumberOf(turn)));
    }

    /// <summary>An event at a virtual time; among those of one time the seed draws.</summary>
    public void At(long due, Action action) => _events.Enqueue(new ActionRunnable(action), (Math.Max(due, Now), SplitMix64.Next(ref _random)));

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
                Trace = Mix(Trace ^ Mix(((ulong)taken.Number << 40) ^ (ulong)Now));
                taken.Run.Run();
            }

            return true;
        }
        finally
        {
            IsRunning = false;
        }
    }

    /// <summary>The present turn handles a message.</summary>
    internal void Handles(object message)
    {
        foreach (char letter in message.GetType().Name)
        {
            Trace = (Trace ^ letter) * FnvPrime;
        }
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
        while (_events.TryPeek(out IRunnable? run, out (long Due, ulong) place) && (place.Due <= Now || _ready.Count == 0))
        {
            _events.Dequeue();
            Now = Math.Max(Now, place.Due);
            _ready.Add(new Turn(run, 0));
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

    /// <summary>Any turn; but for a while some actors rarely get one, as on a thread that the system has put to sleep.</summary>
    private int DrawTurn()
    {
        if (Turns % TurnsOfMood == 0)
        {
            _mood = SplitMix64.Next(ref _random);
        }

        int index = Draw(_ready.Count);
        for (int passed = 0; passed < Patience && Mix(_mood ^ (ulong)_ready[index].Number) % 4 == 0; passed++)
        {
            index = Draw(_ready.Count);
        }

        return index;
    }

    /// <summary>Actors by the order of their first turn; what runs once has none of its own.</summary>
    private int NumberOf(IRunnable turn)
    {
        if (turn is not Mailbox)
        {
            return 0;
        }

        if (!_numbers.TryGetValue(turn, out int number))
        {
            _numbers.Add(turn, number = _numbers.Count + 1);
        }

        return number;
    }

    private static ulong Mix(ulong value) => SplitMix64.Next(ref value);

    private readonly record struct Turn(IRunnable Run, int Number);
}
