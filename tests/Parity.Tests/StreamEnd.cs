using Actors.Tensors;

namespace Actors.Parity.Tests;

/// <summary>Lets a test wait for what it has enqueued.</summary>
internal sealed class StreamEnd : IStreamCompletion, IDisposable
{
    private readonly ManualResetEventSlim _done = new();
    private Exception? _failure;

    public void Completed(Exception? failure)
    {
        _failure = failure;
        _done.Set();
    }

    public void Wait()
    {
        Assert.True(_done.Wait(TimeSpan.FromSeconds(60)), "The stream did not complete within 60 s.");
        Assert.Null(_failure);
    }

    public void Dispose() => _done.Dispose();
}
