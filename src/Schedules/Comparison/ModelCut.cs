using System.Collections.Immutable;
using Actors.Schedules.Evaluation;
using Actors.Schedules.Timing;

namespace Actors.Schedules.Comparison;

/// <summary>
/// What the stages of a model take where it is cut into another number of them, evenly, so that the whole stays the same. What crosses
/// from stage to stage does not: a chunk's output has one size wherever the model is cut.
/// </summary>
internal static class ModelCut
{
    /// <summary>Costs of a model of <paramref name="from"/> stages, cut into <paramref name="to"/>.</summary>
    public static StepCosts Of(StepCosts costs, int from, int to)
    {
        if (from == to)
        {
            return costs;
        }

        return costs.WithStages(Cut(costs.Stages.Length, from, to, stage => new StageCosts(
            Share(stage, to, costs.Stages, from, given => given.Forward),
            Share(stage, to, costs.Stages, from, given => given.BackwardInput),
            Share(stage, to, costs.Stages, from, given => given.BackwardWeights),
            Share(stage, to, costs.Stages, from, given => given.Backward),
            Share(stage, to, costs.Stages, from, given => given.Pair))));
    }

    /// <summary>Memory of a model of <paramref name="from"/> stages, cut into <paramref name="to"/>.</summary>
    public static MemoryCosts Of(MemoryCosts memory, int from, int to) => from == to ? memory : memory with
    {
        Activations = Cut(memory.Activations.Length, from, to, stage => Share(stage, to, memory.Activations, from, given => given)),
        Parameters = Cut(memory.Parameters.Length, from, to, stage => Share(stage, to, memory.Parameters, from, given => given)),
    };

    // One value for all stages stays one value.
    private static ImmutableArray<T> Cut<T>(int given, int from, int to, Func<int, T> valueOf)
    {
        if (given == 1)
        {
            return [valueOf(0)];
        }

        if (given != from)
        {
            throw new ArgumentException($"the model is cut into {from} stages, and costs of {given} are given: give as many");
        }

        var values = ImmutableArray.CreateBuilder<T>(to);
        for (var stage = 0; stage < to; stage++)
        {
            values.Add(valueOf(stage));
        }

        return values.MoveToImmutable();
    }

    private static double Share<T>(int stage, int stages, ImmutableArray<T> given, int from, Func<T, double> valueOf)
        => given.Length == 1
            ? valueOf(given[0]) * from / stages
            : StageShares.Of(stage, stages, given.Length, old => valueOf(given[old]));
}
