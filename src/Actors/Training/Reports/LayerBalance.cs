using Actors.Runtime.Pipeline;

namespace Actors.Runtime.Training.Reports;

/// <summary>How far from even the experts of a layer were loaded in a step.</summary>
/// <param name="Layer">Layer of the model; those of prediction modules last.</param>
/// <param name="MaxViolation">Load of the most chosen expert by the layer's mean load, less 1 (MaxVio): 0 where all are chosen as often.</param>
public readonly record struct LayerBalance(int Layer, double MaxViolation)
{
    /// <summary>Of the loads of a step's layers; layers of which no expert was chosen are left out.</summary>
    public static IReadOnlyList<LayerBalance> Of(IEnumerable<LayerLoad> loads) => [.. loads
        .Where(load => load.Counts.Any(count => count > 0))
        .Select(load => new LayerBalance(load.Layer, (load.Counts.Max() / load.Counts.Average()) - 1))];
}
