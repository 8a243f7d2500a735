using System.Collections.Immutable;

namespace Actors.Schedules.Timing;

/// <summary>
/// Walks back from the last action. Whatever an action waited for ends at its start to the last bit, since the start was the maximum of
/// those ends, so that comparing times finds it.
/// </summary>
internal sealed class CriticalPathFinder
{
    private readonly Timetable _timetable;
    private readonly Playback _playback;
    private readonly ImmutableArray<PathSegment>.Builder _segments = ImmutableArray.CreateBuilder<PathSegment>();
    private int _rank;
    private int _position;

    private CriticalPathFinder(Timetable timetable, Playback playback)
    {
        _timetable = timetable;
        _playback = playback;
    }

    public static CriticalPath Find(Timetable timetable, Playback playback, double stepTime)
    {
        var finder = new CriticalPathFinder(timetable, playback);
        finder.GoToEnd(stepTime);
        while (finder.GoBack())
        {
        }

        finder._segments.Reverse();
        return new CriticalPath(finder._segments.DrainToImmutable());
    }

    private void GoToEnd(double stepTime)
    {
        _rank = Array.FindIndex(_playback.Ends, ends => ends.Length > 0 && ends[^1] == stepTime);
        _position = _rank < 0 ? -1 : _playback.Ends[_rank].Length - 1;
    }

    /// <summary>Takes the present action into the path and goes to what it waited for; false at the step's start.</summary>
    private bool GoBack()
    {
        if (_position < 0)
        {
            return false;
        }

        var start = _playback.Starts[_rank][_position];
        var action = _timetable.ActionsOf(_rank)[_position];
        _segments.Add(new PathSegment(_rank, _rank, action, start, _playback.Ends[_rank][_position]));
        if (start == 0)
        {
            return false;
        }

        if (_position > 0 && _playback.Ends[_rank][_position - 1] == start)
        {
            _position--;
        }
        else
        {
            GoToProducer(LastInput(action, start));
        }

        return true;
    }

    private int LastInput(in StageAction action, double start)
    {
        if (!action.IsPair)
        {
            return LastInputOfPart(action, start);
        }

        var slot = LastInputOfPart(action.ForwardPart, start);
        return slot != ChunkTable.None ? slot : LastInputOfPart(action.BackwardPart, start);
    }

    private int LastInputOfPart(in StageAction part, double start)
    {
        var (first, second) = _playback.Chunks.InputsOf(part);
        return ArrivedAt(first, start) ? first : ArrivedAt(second, start) ? second : ChunkTable.None;
    }

    private bool ArrivedAt(int slot, double time) => slot != ChunkTable.None && _playback.Chunks.ArrivedAt(slot, _rank) == time;

    private void GoToProducer(int slot)
    {
        if (_playback.Chunks.PlaceOf(slot).Rank != _rank && _playback.Chunks.ArrivedAt(slot, _rank) > _playback.Chunks.DoneAt(slot))
        {
            slot = GoBackOverLink(slot);
        }

        (_rank, _position) = _playback.Chunks.PlaceOf(slot);
    }

    /// <summary>Takes a transfer into the path, and before it those that it waited for; the first of them, which began at once.</summary>
    private int GoBackOverLink(int slot)
    {
        AddTransfer(slot, _playback.Chunks.ArrivedAt(slot, _rank));
        for (var before = _playback.Transfers.WaitedFor(slot); before != ChunkTable.None; before = _playback.Transfers.WaitedFor(slot))
        {
            slot = before;
            AddTransfer(slot, _playback.Transfers.FreeAt(slot));
        }

        return slot;
    }

    private void AddTransfer(int slot, double end)
    {
        var (rank, position) = _playback.Chunks.PlaceOf(slot);
        var action = _timetable.ActionsOf(rank)[position];
        var sent = !action.IsPair ? action : _playback.Chunks.IsBackward(slot) ? action.BackwardPart : action.ForwardPart;
        _segments.Add(new PathSegment(rank, _playback.Transfers.ReceiverOf(slot), sent, _playback.Transfers.StartOf(slot), end));
    }
}
