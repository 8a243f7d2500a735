using System.Collections.Immutable;
using Actors.Model.Training;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Training;

/// <summary>The passes of a step: which one plays, and what those that have played took. A given batch, and one of the held-out text, is one pass.</summary>
/// <param name="schedule">Sequences and passes of each step.</param>
internal sealed class StepPasses(BatchSchedule schedule)
{
    private int _step;
    private int _pass;
    private long _nodesOfTokens;

    /// <summary>Number in the step of the first sequence of the present pass.</summary>
    public int FirstSequence => _step == 0 ? 0 : schedule.FirstOf(_step, _pass);

    /// <summary>Sequences of the present pass.</summary>
    public int Sequences => _step == 0 ? schedule.PassSequences : schedule.FirstOf(_step, _pass + 1) - FirstSequence;

    /// <summary>Sequences of all passes.</summary>
    public int StepSequences => _step == 0 ? schedule.PassSequences : schedule.SequencesOf(_step);

    /// <summary>Sum over ranks and passes of where their time went.</summary>
    public RankTimes Times { get; private set; }

    /// <summary>Most nodes that a token reached.</summary>
    public int MaxNodesOfToken { get; private set; }

    /// <summary>Begins the passes of a training step.</summary>
    /// <param name="step">Its number, from 1; null: of a batch.</param>
    public void Begin(int? step)
    {
        _step = step ?? 0;
        Restart();
    }

    /// <summary>Begins them again.</summary>
    public void Restart() => (_pass, _nodesOfTokens, Times, MaxNodesOfToken) = (0, 0, default, 0);

    /// <summary>Nodes that a token reached in a layer, the mean over those that were routed; 0 where none was.</summary>
    /// <param name="load">Of the step.</param>
    /// <param name="plan">Shape of the run.</param>
    public double MeanNodesOfToken(ImmutableArray<LayerLoad> load, RunPlan plan)
    {
        long routed = load.Sum(layer => layer.Counts.Sum()) / plan.Model.ExpertsPerToken;
        return routed == 0 ? 0 : plan.GroupNodes == 1 ? 1 : (double)_nodesOfTokens / routed;
    }

    /// <summary>Takes what a pass took, and goes on.</summary>
    /// <returns>Whether there is another pass.</returns>
    public bool TakeAndGoOn(StepResults results)
    {
        Times += results.Times();
        _nodesOfTokens += results.NodesOfTokens();
        MaxNodesOfToken = Math.Max(MaxNodesOfToken, results.MaxNodesOfToken());
        return _step > 0 && ++_pass < schedule.PassesOf(_step);
    }
}
