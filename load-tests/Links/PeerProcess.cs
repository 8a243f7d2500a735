using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Actors.Runtime.Configuration;
using Actors.Runtime.Peers.Opening;

namespace Actors.LoadTests.Links;

/// <summary>A second process of this program, which listens for links. It gets the run's secret by its standard input, and ends with that.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _secret;

    private PeerProcess(Process process, string secret, string[] ports)
    {
        (_process, _secret) = (process, secret);
        LinkPort = int.Parse(ports[0], CultureInfo.InvariantCulture);
        PlainPort = int.Parse(ports[1], CultureInfo.InvariantCulture);
    }

    /// <summary>The settings of both processes: the defaults.</summary>
    public static LinkSettings Settings { get; } = ActorsSettings.Read(LayeredConfiguration.Load(null)).Links;

    /// <summary>Where it listens for links.</summary>
    public int LinkPort { get; }

    /// <summary>Where it listens for a plain socket.</summary>
    public int PlainPort { get; }

    /// <summary>Processor time of both processes so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return Environment.CpuUsage.TotalTime + _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts it.</summary>
    public static async Task<PeerProcess> StartAsync()
    {
        string program = Environment.ProcessPath!;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(program) == "dotnet")
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, $"{typeof(Program).Assembly.GetName().Name}.dll"));
        }

        start.ArgumentList.Add(LinksPeer.Name);
        Process process = Process.Start(start) ?? throw new CheckFailedException($"{program} cannot be started a second time.");
        string secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        await process.StandardInput.WriteLineAsync(secret);
        await process.StandardInput.FlushAsync();
        string? ports = await process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(1));
        return ports is null
            ? throw new CheckFailedException("The second process ended before it listened.")
            : new PeerProcess(process, secret, ports.Split(' '));
    }

    /// <summary>Who a process is.</summary>
    public PeerIdentity Identity(int process) => ReadIdentity(_secret) with { Process = process };

    /// <summary>Who the second process is, by the line that it gets.</summary>
    public static PeerIdentity ReadIdentity(string secret)
    {
        byte[] bytes = Convert.FromHexString(secret);
        return new PeerIdentity(new Guid(bytes.AsSpan(0, 16)), 0, 0, 2, new byte[PeerIdentity.PlanBytes], bytes);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1));
        _process.Dispose();
    }
}
