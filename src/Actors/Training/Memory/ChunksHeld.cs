using Actors.Schedules;

namespace Actors.Runtime.Training.Memory;

/// <summary>The most chunks of a stage that a pipeline rank holds at once in a pass.</summary>
internal sealed class ChunksHeld
{
    private readonly int[] _now;
    private readonly int[] _split;
    private readonly int[] _most;
    private readonly int[] _mostSplit;
    private readonly int[] _played;

    /// <summary>Plays a rank's list of each timetable that passes have.</summary>
    public ChunksHeld(IReadOnlyList<Timetable> timetables, int rank)
    {
        int stages = timetables[0].Stages;
        _now = new int[stages];
        _split = new int[stages];
        _most = new int[stages];
        _mostSplit = new int[stages];
        _played = new int[stages];
        foreach (Timetable timetable in timetables)
        {
            int[] played = new int[stages];
            foreach (StageAction action in timetable.ActionsOf(rank))
            {
                HasPairs |= action.IsPair;
                Play(action.IsPair ? action.ForwardPart : action, played);
                if (action.IsPair)
                {
                    Play(action.BackwardPart, played);
                }
            }

            for (int stage = 0; stage < stages; stage++)
            {
                _played[stage] = Math.Max(_played[stage], played[stage]);
            }
        }
    }

    /// <summary>Whether the rank overlaps a forward and a backward.</summary>
    public bool HasPairs { get; }

    /// <summary>Chunks from their forward to their weight gradients.</summary>
    public int Of(int stage) => _most[stage];

    /// <summary>Chunks from a backward for the input to the backward for the weights that comes later.</summary>
    public int SplitOf(int stage) => _mostSplit[stage];

    /// <summary>Chunks of a pass: with two directions a rank plays a part of the micro-batches in each of its stages.</summary>
    public int PlayedOf(int stage) => _played[stage];

    private void Play(StageAction part, int[] played)
    {
        int stage = part.Stage;
        switch (part.Kind)
        {
            case ActionKind.Forward:
                played[stage]++;
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
