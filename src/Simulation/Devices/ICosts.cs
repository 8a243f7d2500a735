using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>How long work takes, in ticks of virtual time.</summary>
public interface ICosts
{
    /// <summary>An operation has its stream for so long.</summary>
    /// <param name="operation">What.</param>
    /// <param name="result">What it writes.</param>
    long Of(Operation operation, Tensor result);

    /// <summary>A movement takes so long, and other movements beside it no less: links are free.</summary>
    /// <param name="movement">What.</param>
    /// <param name="destination">What it writes.</param>
    long Of(Movement movement, Tensor destination);
}
