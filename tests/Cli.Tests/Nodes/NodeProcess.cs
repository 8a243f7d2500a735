using System.Diagnostics;
using System.Globalization;

namespace Actors.Cli.Tests.Nodes;

/// <summary>A process of the real command, with what it has written to standard error.</summary>
internal sealed class NodeProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly SemaphoreSlim _more = new(0);
    private bool _hasEnded;

    /// <summary>Starts <c>actors</c> with arguments.</summary>
    public NodeProcess(params string[] args)
    {
        string assembly = Path.Combine(AppContext.BaseDirectory, "actors.dll");
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet", ["exec", assembly, .. args])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            // These processes live for seconds: a quick first compilation starts them sooner, a second one comes after 1024 calls (0x400), and neither changes a number.
            Environment = { ["DOTNET_TC_QuickJit"] = "1", ["DOTNET_TC_CallCountThreshold"] = "400", ["DOTNET_TieredPGO"] = "0" },
        };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Add(line.Data);
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
    }

    /// <summary>What it wrote so far.</summary>
    public string Error
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>Waits for a line of standard error with a text in it, which may have come already.</summary>
    public async Task<string> LineAsync(string text)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            lock (_lines)
            {
                if (_lines.Find(line => line.Contains(text, StringComparison.Ordinal)) is { } found)
                {
                    return found;
                }

                Assert.False(_hasEnded, $"The process ended without \"{text}\":\n{string.Join('\n', _lines)}");
            }

            try
            {
                await _more.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"The process did not write \"{text}\" but:\n{Error}");
            }
        }
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Ends it as SIGKILL does: it gets no chance to say anything.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Bytes of memory that it holds.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Sends it a signal, such as STOP.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>The ports that it listens on.</summary>
    public IReadOnlyList<int> ListeningPorts()
    {
        const string Listens = "0A";
        HashSet<string> sockets = [.. Directory.GetFiles($"/proc/{_process.Id}/fd").Select(file => new FileInfo(file).LinkTarget).OfType<string>()];
        return [.. new[] { "tcp", "tcp6" }.SelectMany(kind => File.ReadLines($"/proc/{_process.Id}/net/{kind}").Skip(1))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields[3] == Listens && sockets.Contains($"socket:[{fields[9]}]"))
            .Select(fields => int.Parse(fields[1].Split(':')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private void Add(string? line)
    {
        lock (_lines)
        {
            if (line is null)
            {
                _hasEnded = true;
            }
            else
            {
                _lines.Add(line);
            }
        }

        _more.Release();
    }
}
