using Actors.Schedules;

namespace Actors.Runtime.Training.Memory;

/// <summary>The most chunks of a stage that a pipeline rank holds at once in a step.</summary>
internal sealed class ChunksHeld
{
    private readonly int[] _now;
    private readonly int[] _split;
    private readonly int[] _most;
    private readonly int[] _mostSplit;
    private readonly int[] _played;

    /// <summary>Plays a rank's list.</summary>
    public ChunksHeld(Timetable timetable, int rank)
    {
        _now = new int[timetable.Stages];
        _split = new int[timetable.Stages];
        _most = new int[timetable.Stages];
        _mostSplit = new int[timetable.Stages];
        _played = new int[timetable.Stages];
        foreach (StageAction action in timetable.ActionsOf(rank))
        {
            if (action.IsPair)
            {
                HasPairs = true;
                Play(action.ForwardPart);
                Play(action.BackwardPart);
            }
            else
            {
                Play(action);
            }
        }
    }

    /// <summary>Whether the rank overlaps a forward and a backward.</summary>
    public bool HasPairs { get; }

    /// <summary>Chunks from their forward to their weight gradients.</summary>
    public int Of(int stage) => _most[stage];

    /// <summary>Chunks from a backward for the input to the backward for the weights that comes later.</summary>
    public int SplitOf(int stage) => _mostSplit[stage];

    /// <summary>Chunks of a step: with two directions a rank plays a part of the micro-batches in each of its stages.</summary>
    public int PlayedOf(int stage) => _played[stage];

    private void Play(StageAction part)
    {
        int stage = part.Stage;
        switch (part.Kind)
        {
            case ActionKind.Forward:
                _played[stage]++;
                _most[stage] = Math.Max(_most[stage], ++_now[stage]);
                break;
            case ActionKind.BackwardInput:
                _mostSplit[stage] = Math.Max(_mostSplit[stage], ++_split[stage]);
                break;
            case ActionKind.BackwardWeights:
                _now[stage]--;
                _split[stage]--;
                break;
            case ActionKind.Backward:
                _now[stage]--;
                break;
        }
    }
}
