namespace Actors.Model.Placement;

/// <summary>Contiguous routed experts of every layer: <paramref name="First"/> .. <paramref name="First"/> + <paramref name="Count"/> − 1.</summary>
/// <param name="First">First expert.</param>
/// <param name="Count">Number of experts.</param>
public readonly record struct ExpertRange(int First, int Count);
