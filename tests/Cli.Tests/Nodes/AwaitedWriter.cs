namespace Actors.Cli.Tests.Nodes;

/// <summary>Keeps what is written, and says when a text is among it.</summary>
internal sealed class AwaitedWriter(string text) : StringWriter
{
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the text has been written, in one piece.</summary>
    public Task Written => _written.Task;

    public override void WriteLine(string? value)
    {
        base.WriteLine(value);
        if (value?.Contains(text, StringComparison.Ordinal) == true)
        {
            _written.TrySetResult();
        }
    }
}
