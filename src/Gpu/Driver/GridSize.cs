namespace Actors.Gpu.Driver;

/// <summary>Blocks of a launch, in three dimensions, each 1 or more.</summary>
internal readonly record struct GridSize(uint X, uint Y = 1, uint Z = 1);
