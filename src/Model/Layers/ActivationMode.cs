namespace Actors.Model.Layers;

/// <summary>What a component keeps of a forward.</summary>
public enum ActivationMode
{
    /// <summary>Nothing for a backward: evaluation and inference.</summary>
    ForwardOnly,

    /// <summary>All that a backward needs.</summary>
    Kept,

    /// <summary>As <see cref="Kept"/> without attention's norm outputs and up-projections, which the backward computes again.</summary>
    Recomputed,
}
