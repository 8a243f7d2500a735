using Actors.Tensors;

namespace Actors.Simulation.Tests.Training;

/// <summary>A link that after some completions no longer says that it has moved anything.</summary>
internal sealed class LosingLink(ITensorLink inner, Func<bool> loses) : ITensorLink
{
    public string Name => inner.Name;

    public bool IsIdle => inner.IsIdle;

    public void Gather(Tensor source, ReadOnlySpan<int> rows, Tensor destination) => inner.Gather(source, rows, destination);

    public void Scatter(Tensor source, ReadOnlySpan<int> from, ReadOnlySpan<int> to, Tensor destination) => inner.Scatter(source, from, to, destination);

    public void Sum(ReadOnlySpan<Tensor> parts, ReadOnlySpan<int> rows, Tensor destination) => inner.Sum(parts, rows, destination);

    public void Notify(IStreamCompletion completion)
    {
        if (!loses())
        {
            inner.Notify(completion);
        }
    }

    public void Dispose() => inner.Dispose();
}
