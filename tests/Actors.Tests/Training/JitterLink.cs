using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>A link that makes threads meet differently: before each movement it may yield or spin, as a seed decides.</summary>
internal sealed class JitterLink(ITensorLink link, int seed) : ITensorLink
{
    private const int LongestSpin = 400;
    private readonly Random _random = new(seed);

    public string Name => link.Name;

    public bool IsIdle => link.IsIdle;

    public void Gather(Tensor source, ReadOnlySpan<int> rows, Tensor destination)
    {
        Jitter();
        link.Gather(source, rows, destination);
    }

    public void Scatter(Tensor source, ReadOnlySpan<int> from, ReadOnlySpan<int> to, Tensor destination)
    {
        Jitter();
        link.Scatter(source, from, to, destination);
    }

    public void Sum(ReadOnlySpan<Tensor> parts, ReadOnlySpan<int> rows, Tensor destination)
    {
        Jitter();
        link.Sum(parts, rows, destination);
    }

    public void Notify(IStreamCompletion completion) => link.Notify(completion);

    public void Dispose() => link.Dispose();

    private void Jitter()
    {
        switch (_random.Next(4))
        {
            case 0:
                Thread.Yield();
                break;
            case 1:
                Thread.SpinWait(_random.Next(LongestSpin));
                break;
            default:
                break;
        }
    }
}
