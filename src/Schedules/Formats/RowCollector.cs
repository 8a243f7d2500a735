using System.Collections.Immutable;

namespace Actors.Schedules.Formats;

/// <summary>Collects the actions of a text that has a row a rank and makes a timetable of them.</summary>
internal sealed class RowCollector
{
    // A complete timetable names every chunk at least once. One that names far fewer is torn or mistyped, and a mistyped number such as
    // 1000000F0 must not make the checker's tables as large.
    private const long ChunksPerAction = 64;

    private readonly List<ImmutableArray<StageAction>> _rows = [];
    private readonly ImmutableArray<StageAction>.Builder _row = ImmutableArray.CreateBuilder<StageAction>();
    private int _actionCount;
    private (int Number, int Line, int Column) _lastStage = (-1, 0, 0);
    private (int Number, int Line, int Column) _lastMicroBatch = (-1, 0, 0);

    public void Add(ReadOnlySpan<char> text, int line, int column)
    {
        if (!StageAction.TryParse(text, out var action, out var error))
        {
            throw new TimetableFormatException(line, column, $"rank {_rows.Count}: {error}");
        }

        var backward = action.IsPair ? action.BackwardPart : action;
        KeepLargest(ref _lastStage, Math.Max(action.Stage, backward.Stage), line, column);
        KeepLargest(ref _lastMicroBatch, Math.Max(action.MicroBatch, backward.MicroBatch), line, column);
        _row.Add(action);
        _actionCount++;
    }

    public void EndRow()
    {
        _rows.Add(_row.ToImmutable());
        _row.Clear();
    }

    public Timetable ToTimetable(string name)
    {
        if (_actionCount == 0)
        {
            throw new TimetableFormatException(0, 0, "there is no action: write a row of actions for each rank, such as 0F0");
        }

        RefuseSparse(_lastStage, "stage");
        RefuseSparse(_lastMicroBatch, "micro-batch");
        var (stages, microBatches) = (_lastStage.Number + 1, _lastMicroBatch.Number + 1);
        if ((long)stages * microBatches > ChunksPerAction * _actionCount)
        {
            throw new TimetableFormatException(_lastStage.Line, _lastStage.Column,
                $"{stages} stages x {microBatches} micro-batches cannot be played by {_actionCount} actions: "
                + "the text is torn or a number mistyped");
        }

        var actions = _rows.ToImmutableArray();
        var (placement, forwardOnly) = PlacementInference.Infer(actions, stages, microBatches);
        return new Timetable(name, placement, actions, forwardOnly);
    }

    private void RefuseSparse((int Number, int Line, int Column) last, string what)
    {
        if (last.Number >= ChunksPerAction * _actionCount)
        {
            throw new TimetableFormatException(last.Line, last.Column,
                $"{what} {last.Number} is too high for a timetable of {_actionCount} actions: the text is torn or the number mistyped");
        }
    }

    private static void KeepLargest(ref (int Number, int Line, int Column) largest, int number, int line, int column)
    {
        if (number > largest.Number)
        {
            largest = (number, line, column);
        }
    }
}
