namespace Actors.LoadTests.Messages;

/// <summary><c>messages</c>.</summary>
internal static class MessagesCommand
{
    public static Task<int> RunAsync(string[] arguments) => Task.FromResult(arguments.Length);
}
