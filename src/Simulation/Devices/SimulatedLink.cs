using Actors.Simulation.Turns;
using Actors.Tensors;

namespace Actors.Simulation.Devices;

/// <summary>A link that really moves rows with another one, and whose movements take virtual time.</summary>
public sealed class SimulatedLink : ITensorLink
{
    private readonly ITensorLink _inner;
    private readonly ICosts _costs;
    private readonly DelayedWork _work;

    /// <summary>Makes a link.</summary>
    /// <param name="inner">Moves the rows; this link's to free.</param>
    /// <param name="loop">Whose time they take.</param>
    /// <param name="costs">How long they take.</param>
    public SimulatedLink(ITensorLink inner, SimulationLoop loop, ICosts costs) => (_inner, _costs, _work) = (inner, costs, new DelayedWork(loop));

    /// <inheritdoc/>
    public string Name => "simulated";

    /// <inheritdoc/>
    public bool IsIdle => _work.IsIdle;

    /// <inheritdoc/>
    public void Gather(Tensor source, ReadOnlySpan<int> rows, Tensor destination)
    {
        int[] taken = rows.ToArray();
        _work.AddBeside(_costs.Of(Movement.Gather, destination), () => _inner.Gather(source, taken, destination));
    }

    /// <inheritdoc/>
    public void Scatter(Tensor source, ReadOnlySpan<int> from, ReadOnlySpan<int> to, Tensor destination)
    {
        int[] taken = from.ToArray(), put = to.ToArray();
        _work.AddBeside(_costs.Of(Movement.Scatter, destination), () => _inner.Scatter(source, taken, put, destination));
    }

    /// <inheritdoc/>
    public void Sum(ReadOnlySpan<Tensor> parts, ReadOnlySpan<int> rows, Tensor destination)
    {
        Tensor[] summed = parts.ToArray();
        int[] taken = rows.ToArray();
        _work.AddBeside(_costs.Of(Movement.Sum, destination), () => _inner.Sum(summed, taken, destination));
    }

    /// <inheritdoc/>
    public void Notify(IStreamCompletion completion) => _work.Notify(completion);

    /// <inheritdoc/>
    public void Dispose()
    {
        _work.Drop();
        _inner.Dispose();
    }
}
