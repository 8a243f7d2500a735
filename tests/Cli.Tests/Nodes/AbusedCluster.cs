using System.Net.Sockets;

namespace Actors.Cli.Tests.Nodes;

/// <summary>Strangers at every port, and a process that stands still, while a cluster trains: the run loses what it would have lost.</summary>
public sealed class AbusedCluster : IDisposable
{
    private const long MaxGrowth = 200L << 20;
    private const int Steps = 120;
    private readonly TinyCluster _cluster = new();
    private readonly List<TcpClient> _strangers = [];

    public void Dispose()
    {
        _strangers.ForEach(stranger => stranger.Dispose());
        _cluster.Dispose();
    }

    [LinuxFact]
    public async Task Strangers_and_a_process_that_stands_still_do_not_change_a_run()
    {
        NodeProcess[] nodes = await _cluster.StartThreeAsync(
            Steps, "--set", "actors.training.replicas=1", "--set", "actors.cluster.links.max-unproven-connections=8");
        (Task<CommandRun> training, Task stepDone) = _cluster.Train("together", step: 5);
        await stepDone.WaitAsync(TimeSpan.FromSeconds(90));
        long before = nodes[0].WorkingSet;
        await AbuseAsync(nodes[0].ListeningPorts());
        nodes[2].Signal("STOP");
        await AbuseAsync(nodes[1].ListeningPorts());

        CommandRun together = await training;

        Assert.True(together.Code == 0, together.Error);
        TinyCluster.AssertTrained(together, await _cluster.TrainAloneAsync(Steps), Steps);
        Assert.InRange(nodes[0].WorkingSet - before, long.MinValue, MaxGrowth);

        // Awake again, it finds that the others went on without it.
        nodes[2].Signal("CONT");
        await nodes[2].LineAsync("has been taken out of the cluster");
        Assert.Equal(1, await nodes[2].ExitAsync());
    }

    /// <summary>Bytes that mean nothing, the length of a message of 2 GB, and more connections that say nothing than are allowed; the last stay open.</summary>
    private async Task AbuseAsync(IReadOnlyList<int> ports)
    {
        Assert.True(ports.Count >= 2, "the ports of actors and of links were expected");
        var random = new Random(1);
        foreach (int port in ports)
        {
            byte[] garbage = new byte[4096];
            random.NextBytes(garbage);
            await SayAsync(port, garbage);
            await SayAsync(port, [0xFF, 0xFF, 0xFF, 0x7F, .. garbage]);
            await SayAsync(port, [0x7F, 0xFF, 0xFF, 0xFF, .. garbage]);
            await SayAsync(port, "GET / HTTP/1.1\r\nHost: here\r\n\r\n"u8.ToArray());
            for (int i = 0; i < 50; i++)
            {
                await SayAsync(port, []);
            }
        }
    }

    private async Task SayAsync(int port, byte[] bytes)
    {
        var stranger = new TcpClient();
        _strangers.Add(stranger);
        try
        {
            await stranger.ConnectAsync("127.0.0.1", port);
            await stranger.GetStream().WriteAsync(bytes);
        }
        catch (Exception refused) when (refused is IOException or SocketException)
        {
            // That is what strangers are for.
        }
    }
}
