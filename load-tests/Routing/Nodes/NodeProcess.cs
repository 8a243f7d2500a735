using System.Diagnostics;
using System.Globalization;
using Akka.Actor;

namespace Actors.LoadTests.Routing.Nodes;

/// <summary>A child process with a share of the group. It ends with its standard input, and is killed where it does not.</summary>
internal sealed class NodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), Farewell = TimeSpan.FromSeconds(10);
    private readonly Process _process;
    private readonly int _number;
    private readonly TaskCompletionSource _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile TaskCompletionSource<string[]>? _answer;

    private NodeProcess(Process process, int number) => (_process, _number) = (process, number);

    /// <summary>Ends with the process's failure, or its end.</summary>
    public Task Failure => _failure.Task;

    /// <summary>Who is told of exchanges that have ended.</summary>
    public IActorRef Coordinator { get; set; } = ActorRefs.Nobody;

    /// <summary>Starts a process, which begins to listen.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="arguments">The options of <c>routing</c>.</param>
    /// <param name="secret">What all of them know.</param>
    public static NodeProcess Start(int number, IEnumerable<string> arguments, string secret)
    {
        string program = Environment.ProcessPath!;
        string[] own = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Path.Combine(AppContext.BaseDirectory, $"{typeof(Program).Assembly.GetName().Name}.dll")] : [];
        var start = new ProcessStartInfo(
            program, [.. own, NodeCommand.Name, .. arguments, NodeCommand.Process, number.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var node = new NodeProcess(Process.Start(start) ?? throw new CheckFailedException($"{program} cannot be started again."), number);
        node.Say(secret);
        return node;
    }

    /// <summary>The line that it says next; before <see cref="Listen"/>.</summary>
    public async Task<string> ReadAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new CheckFailedException($"Node process {_number} ended before it was ready.");

    /// <summary>Takes what it says from now on.</summary>
    public void Listen() => new Thread(Read) { IsBackground = true, Name = $"node {_number}" }.Start();

    /// <summary>Says a line.</summary>
    public void Say(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException failure)
        {
            _failure.TrySetException(new CheckFailedException($"Node process {_number} does not listen: {failure.Message}"));
        }
    }

    /// <summary>Asks, and waits for the answer's words.</summary>
    public async Task<string[]> AskAsync(string question)
    {
        var answer = new TaskCompletionSource<string[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = answer;
        Say(question);
        await (await Task.WhenAny(answer.Task, Failure).WaitAsync(Patience));
        return await answer.Task;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync().WaitAsync(Farewell);
        }
        catch (Exception failure) when (failure is TimeoutException or IOException)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Read()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            string[] words = line.Split(' ');
            switch (words[0])
            {
                case "ended":
                    int exchange = int.Parse(words[1], CultureInfo.InvariantCulture);
                    foreach (string ticks in words[2..])
                    {
                        Coordinator.Tell(new ExchangeEnded(exchange) { Ticks = long.Parse(ticks, CultureInfo.InvariantCulture) }, ActorRefs.NoSender);
                    }

                    break;
                case "failed":
                    _failure.TrySetException(new CheckFailedException($"Node process {_number}: {line["failed ".Length..]}"));
                    break;
                default:
                    _answer?.TrySetResult(words);
                    break;
            }
        }

        _failure.TrySetException(new CheckFailedException($"Node process {_number} has ended."));
    }
}
