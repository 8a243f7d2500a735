using System.Collections.Immutable;

namespace Actors.Schedules.Formats;

/// <summary>
/// Collects the actions of a text that has a row a rank and makes a timetable of them. Computations say how many stages and micro-batches
/// there are; a send or receive beyond them is the checker's to name.
/// </summary>
internal sealed class RowCollector
{
    private readonly List<ImmutableArray<StageAction>> _rows = [];
    private readonly ImmutableArray<StageAction>.Builder _row = ImmutableArray.CreateBuilder<StageAction>();
    private int _computationCount;
    private int _emptyLine;
    private (int Number, int Line, int Column) _lastStage = (-1, 0, 0);
    private (int Number, int Line, int Column) _lastMicroBatch = (-1, 0, 0);

    public void Add(ReadOnlySpan<char> text, int line, int column)
    {
        if (!StageAction.TryParse(text, out var action, out var error))
        {
            throw new TimetableFormatException(line, column, $"rank {_rows.Count}: {error}");
        }

        _row.Add(action);
        if (action.IsCommunication)
        {
            return;
        }

        var backward = action.IsPair ? action.BackwardPart : action;
        KeepLargest(ref _lastStage, Math.Max(action.Stage, backward.Stage), line, column);
        KeepLargest(ref _lastMicroBatch, Math.Max(action.MicroBatch, backward.MicroBatch), line, column);
        _computationCount++;
    }

    /// <summary>Ends a line that holds nothing: no rank at the end of a text, and refused between ranks.</summary>
    public void SkipEmpty(int line) => _emptyLine = _emptyLine == 0 ? line : _emptyLine;

    public void EndRow(string emptyRow)
    {
        if (_emptyLine != 0)
        {
            throw new TimetableFormatException(
                _emptyLine, 1, $"the line is empty, and rows follow: delete it, or write {emptyRow} for a rank without actions");
        }

        _rows.Add(_row.ToImmutable());
        _row.Clear();
    }

    public Timetable ToTimetable(string name)
    {
        if (_computationCount == 0)
        {
            throw new TimetableFormatException(0, 0, "there is no action that computes: write a row of actions for each rank, such as 0F0");
        }

        RefuseSparse(_lastStage, "stage");
        RefuseSparse(_lastMicroBatch, "micro-batch");
        var (stages, microBatches) = (_lastStage.Number + 1, _lastMicroBatch.Number + 1);
        if (SizeLimit.Refuse(stages, microBatches, _computationCount) is { } refusal)
        {
            throw new TimetableFormatException(_lastStage.Line, _lastStage.Column, refusal);
        }

        var actions = _rows.ToImmutableArray();
        var (placement, forwardOnly) = PlacementInference.Infer(actions, stages, microBatches);
        return new Timetable(name, placement, actions, forwardOnly);
    }

    private void RefuseSparse((int Number, int Line, int Column) last, string what)
    {
        if (last.Number >= SizeLimit.ChunksPerComputation * _computationCount)
        {
            throw new TimetableFormatException(last.Line, last.Column,
                $"{what} {last.Number} is too high for a timetable of {_computationCount} actions: "
                + "the text is torn or the number mistyped");
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
