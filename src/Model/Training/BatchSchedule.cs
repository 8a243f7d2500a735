namespace Actors.Model.Training;

/// <summary>
/// How many sequences each step has, and in how many passes of the timetable they are played (gradient accumulation). A pure function of the step's number, so
/// that a resumed run, every rank and the serial model have the same.
/// </summary>
public sealed class BatchSchedule
{
    private readonly List<Stage> _stages = [];
    private readonly int _length;

    /// <summary>Plans the steps of a run.</summary>
    /// <param name="sequences">Sequences of a full step.</param>
    /// <param name="length">Tokens of a sequence.</param>
    /// <param name="passes">Passes of a full step; they divide its sequences.</param>
    /// <param name="ramp">How the batch grows; null: every step is full.</param>
    public BatchSchedule(int sequences, int length, int passes = 1, BatchRamp? ramp = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(passes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sequences);
        if (sequences % passes != 0)
        {
            throw new ArgumentException($"{passes} passes do not divide {sequences} sequences.", nameof(passes));
        }

        (Sequences, PassSequences, _length) = (sequences, sequences / passes, length);
        Unit = Divisor(sequences, PassSequences);
        Stage stage = new(FirstStep: 1, SequencesBefore: 0, sequences);
        if (ramp is not null)
        {
            Unit = Divisor(Divisor(Unit, ramp.Start), ramp.Increment);
            stage = AddGrowing(ramp);
        }

        _stages.Add(stage with { Sequences = sequences });
    }

    /// <summary>Sequences of a full step.</summary>
    public int Sequences { get; }

    /// <summary>Sequences of the largest pass.</summary>
    public int PassSequences { get; }

    /// <summary>Every pass of every step has a multiple of so many sequences.</summary>
    public int Unit { get; }

    /// <summary>Stages of the batch: the first step of each, and its sequences; the last stage is full.</summary>
    public IEnumerable<(long FirstStep, int Sequences)> Stages => _stages.Select(stage => (stage.FirstStep, stage.Sequences));

    /// <summary>Sequences of step <paramref name="step"/>, from 1.</summary>
    public int SequencesOf(int step) => StageOf(step).Sequences;

    /// <summary>Sequences of all steps before step <paramref name="step"/>, from 1.</summary>
    public long SequencesBefore(int step)
    {
        Stage stage = StageOf(step);
        return stage.SequencesBefore + ((step - stage.FirstStep) * stage.Sequences);
    }

    /// <summary>Where step <paramref name="step"/>, from 1, stands.</summary>
    public StepPosition PositionOf(int step) => new(step, SequencesBefore(step) * _length);

    /// <summary>Passes of step <paramref name="step"/>: as few as hold its sequences.</summary>
    public int PassesOf(int step) => PassesOf(StageOf(step));

    /// <summary>Sequences of the passes of step <paramref name="step"/>, from 1: one number, or two where units do not divide over them, ascending.</summary>
    public IReadOnlyList<int> PassSizesOf(int step) => PassSizesOf(StageOf(step));

    /// <summary>Sequences that passes of the run have, ascending.</summary>
    public IReadOnlyList<int> PassSizes() => [.. _stages.SelectMany(PassSizesOf).Distinct().Order()];

    /// <summary>Number in step <paramref name="step"/> of the first sequence of pass <paramref name="pass"/>, from 0; for the number of passes, the end.</summary>
    public int FirstOf(int step, int pass) => (int)((long)pass * (SequencesOf(step) / Unit) / PassesOf(step)) * Unit;

    /// <summary>Adds the stages of a growing batch that have steps, and returns the one behind them.</summary>
    private Stage AddGrowing(BatchRamp ramp)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ramp.Start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ramp.Increment);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ramp.Start, Sequences);
        int stages = (Sequences - ramp.Start + ramp.Increment - 1) / ramp.Increment;
        Stage stage = new(FirstStep: 1, SequencesBefore: 0, ramp.Start);
        for (int k = 0; k < stages; k++)
        {
            stage = stage with { Sequences = ramp.Start + (k * ramp.Increment) };
            long end = (long)((Int128)ramp.Tokens * (k + 1) / stages);
            long left = end - (stage.SequencesBefore * _length), tokens = (long)stage.Sequences * _length;
            if (left > 0)
            {
                long steps = ((left - 1) / tokens) + 1;
                _stages.Add(stage);
                stage = stage with { FirstStep = stage.FirstStep + steps, SequencesBefore = stage.SequencesBefore + (steps * stage.Sequences) };
            }
        }

        return stage;
    }

    private int PassesOf(Stage stage) => (stage.Sequences + PassSequences - 1) / PassSequences;

    private int[] PassSizesOf(Stage stage)
    {
        int units = stage.Sequences / Unit, passes = PassesOf(stage);
        return units % passes == 0 ? [units / passes * Unit] : [units / passes * Unit, ((units / passes) + 1) * Unit];
    }

    private Stage StageOf(int step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        int last = _stages.Count - 1;
        while (_stages[last].FirstStep > step)
        {
            last--;
        }

        return _stages[last];
    }

    private static int Divisor(int a, int b) => b == 0 ? a : Divisor(b, a % b);

    /// <summary>Consecutive steps with the same number of sequences.</summary>
    private readonly record struct Stage(long FirstStep, long SequencesBefore, int Sequences);
}
