using Actors.Schedules;

namespace Actors.Runtime.Training.Memory;

/// <summary>The most chunks of a stage that a pipeline rank holds at once in a pass, and the most sets of temporaries.</summary>
internal sealed class ChunksHeld
{
    private readonly StageSize[] _sizes;
    private readonly int _backwards;
    private int _pairSets;
    private readonly int[] _now;
    private readonly int[] _split;
    private readonly int[] _most;
    private readonly int[] _mostSplit;
    private readonly int[] _played;

    /// <summary>Plays a rank's list of each timetable that passes have.</summary>
    /// <param name="timetables">What passes play.</param>
    /// <param name="rank">The pipeline rank.</param>
    /// <param name="sizeOf">Layers of a stage.</param>
    /// <param name="putsOff">Whether a layer's weight gradients give way to the layer before: where its rows come from other ranks, they are computed meanwhile.</param>
    public ChunksHeld(IReadOnlyList<Timetable> timetables, int rank, Func<int, StageSize> sizeOf, bool putsOff)
    {
        int stages = timetables[0].Stages;
        _backwards = putsOff ? 2 : 1;
        _sizes = [.. Enumerable.Range(0, stages).Select(sizeOf)];
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
                if (action.IsPair)
                {
                    HasPairs = true;
                    CountPair(_sizes[action.ForwardPart.Stage], _sizes[action.BackwardPart.Stage]);
                    Play(action.ForwardPart, played);
                    Play(action.BackwardPart, played);
                }
                else
                {
                    Play(action, played);
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

    /// <summary>The most exchanges at once whose backward is to come, of all stages.</summary>
    public int MostExchanges { get; private set; }

    /// <summary>Sets of attention's temporaries: of the layer whose backward runs, and of those whose weight gradients come later.</summary>
    public int AttentionSets { get; private set; }

    /// <summary>Sets of a feed-forward's temporaries: like attention's, and those of a layer whose weight gradients were put off.</summary>
    public int DenseSets { get; private set; }

    /// <summary>The same of routed experts.</summary>
    public int ExpertSets { get; private set; }

    /// <summary>Sets of routed experts that only forwards take, beside <see cref="ExpertSets"/>: of a pair, while its backward has another.</summary>
    public int ForwardSets => Math.Max(0, _pairSets - ExpertSets);

    /// <summary>Chunks from their forward to their weight gradients.</summary>
    public int Of(int stage) => _most[stage];

    /// <summary>Chunks from a backward for the input to the backward for the weights that comes later.</summary>
    public int SplitOf(int stage) => _mostSplit[stage];

    /// <summary>Chunks of a pass: with two directions a rank plays a part of the micro-batches in each of its stages.</summary>
    public int PlayedOf(int stage) => _played[stage];

    private void Play(StageAction part, int[] played)
    {
        int stage = part.Stage;
        StageSize size = _sizes[stage];
        switch (part.Kind)
        {
            case ActionKind.Forward:
                played[stage]++;
                _most[stage] = Math.Max(_most[stage], ++_now[stage]);
                MostExchanges = Math.Max(MostExchanges, _now.Select((chunks, number) => chunks * _sizes[number].Routed).Sum());
                Count(attention: 0, Math.Min(1, size.Layers), Math.Min(1, size.Routed));
                break;
            case ActionKind.BackwardInput:
                Count(size.Layers, size.Layers, size.Routed);
                _mostSplit[stage] = Math.Max(_mostSplit[stage], ++_split[stage]);
                break;
            case ActionKind.BackwardWeights:
                _now[stage]--;
                _split[stage]--;
                break;
            case ActionKind.Backward:
                Count(attention: 1, Math.Min(_backwards, size.Layers), Math.Min(_backwards, size.Routed));
                _now[stage]--;
                break;
        }
    }

    /// <summary>A pair's forward takes sets while its backward has some.</summary>
    private void CountPair(StageSize forward, StageSize backward)
    {
        int layers = _split.Select((chunks, number) => chunks * _sizes[number].Layers).Sum(), routed = _split.Select((chunks, number) => chunks * _sizes[number].Routed).Sum();
        DenseSets = Math.Max(DenseSets, layers + 2);
        _pairSets = Math.Max(_pairSets, routed + Math.Min(1, forward.Routed) + Math.Min(1, backward.Routed));
    }

    /// <summary>Sets that an action takes beside those that are kept.</summary>
    private void Count(int attention, int dense, int experts)
    {
        int layers = _split.Select((chunks, number) => chunks * _sizes[number].Layers).Sum(), routed = _split.Select((chunks, number) => chunks * _sizes[number].Routed).Sum();
        AttentionSets = Math.Max(AttentionSets, layers + attention);
        DenseSets = Math.Max(DenseSets, layers + dense);
        ExpertSets = Math.Max(ExpertSets, routed + experts);
    }
}

/// <summary>Layers of a stage.</summary>
/// <param name="Layers">All.</param>
/// <param name="Routed">Those with routed experts.</param>
internal readonly record struct StageSize(int Layers, int Routed);
