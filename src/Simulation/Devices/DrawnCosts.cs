using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>Costs that a loop's seed draws: many of nothing, most short, some very long, so that ranks drift apart and meet again.</summary>
/// <param name="loop">Draws.</param>
public sealed class DrawnCosts(SimulationLoop loop) : ICosts
{
    private const int Magnitudes = 14;

    /// <inheritdoc/>
    public long Of(Operation operation, Tensor result) => Draw();

    /// <inheritdoc/>
    public long Of(Movement movement, Tensor destination) => Draw();

    private long Draw() => loop.Draw(3) == 0 ? 0 : loop.Draw(1 << loop.Draw(Magnitudes + 1));
}
