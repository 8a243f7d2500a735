using Actors.Tensors;

namespace Actors.Simulation.Faults;

/// <summary>A link that says it is idle when it is not, so that rows are announced before they have been moved.</summary>
/// <param name="inner">Moves the rows; this link's to free.</param>
internal sealed class HastyLink(ITensorLink inner) : ITensorLink
{
    public string Name => inner.Name;

    public bool IsIdle => true;

    public void Gather(Tensor source, ReadOnlySpan<int> rows, Tensor destination) => inner.Gather(source, rows, destination);

    public void Scatter(Tensor source, ReadOnlySpan<int> from, ReadOnlySpan<int> to, Tensor destination) => inner.Scatter(source, from, to, destination);

    public void Sum(ReadOnlySpan<Tensor> parts, ReadOnlySpan<int> rows, Tensor destination) => inner.Sum(parts, rows, destination);

    public void Notify(IStreamCompletion completion) => inner.Notify(completion);

    public void Dispose() => inner.Dispose();
}
