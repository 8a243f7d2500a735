using Actors.Cpu;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>
/// A link in memory that from its given movement on either throws, or never says that what was enqueued has run, so that a
/// message is swallowed.
/// </summary>
internal sealed class FaultyLink(int lastGoodMovement, bool throws) : ITensorLink
{
    private readonly HostLink _link = new();
    private int _movements;

    public string Name => "faulty";

    public bool IsIdle => throws || _movements <= lastGoodMovement;

    public void Gather(Tensor source, ReadOnlySpan<int> rows, Tensor destination)
    {
        Count();
        _link.Gather(source, rows, destination);
    }

    public void Scatter(Tensor source, ReadOnlySpan<int> from, ReadOnlySpan<int> to, Tensor destination)
    {
        Count();
        _link.Scatter(source, from, to, destination);
    }

    public void Sum(ReadOnlySpan<Tensor> parts, ReadOnlySpan<int> rows, Tensor destination)
    {
        Count();
        _link.Sum(parts, rows, destination);
    }

    /// <summary>Is asked only once the link is not idle: it keeps silent.</summary>
    public void Notify(IStreamCompletion completion)
    {
    }

    public void Dispose() => _link.Dispose();

    private void Count()
    {
        if (++_movements > lastGoodMovement && throws)
        {
            throw new InvalidOperationException("the cable is cut");
        }
    }
}
