using System.Globalization;
using System.Net.Sockets;
using Actors.Cli.Tests.Runs;

namespace Actors.Cli.Tests.Nodes;

/// <summary>A cluster whose connections have TLS, for its processes and for callers.</summary>
public sealed class ClusterTls : IDisposable
{
    private readonly TinyCluster _cluster = new();

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public async Task Who_shows_a_certificate_of_the_authority_is_heard_and_nobody_else()
    {
        using var authority = new TestAuthority(_cluster.Tiny.PathOf("certificates"));
        using var stranger = new TestAuthority(_cluster.Tiny.PathOf("strangers"));
        string[] own = authority.Sign("process");
        for (int i = 0; i < 2; i++)
        {
            await _cluster.StartAsync(["--set", "actors.cluster.processes=2", "--set", "actors.cluster.links.shared-memory=off", .. own]);
        }

        // Plain bytes to the port of actors, which wants TLS, and a caller of another authority.
        int port = int.Parse(_cluster.Address.Split(':')[^1], CultureInfo.InvariantCulture);
        using (var plain = new TcpClient("127.0.0.1", port))
        {
            await plain.GetStream().WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray());
            Assert.Equal(0, await plain.GetStream().ReadAsync(new byte[64]).AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
        }

        CommandRun refused = await TinyCluster.CallAsync(["cluster", "status", _cluster.Address, .. stranger.Sign("stranger")]);
        Assert.Contains("nobody answers", refused.Error, StringComparison.Ordinal);

        CommandRun status = await TinyCluster.CallAsync(["cluster", "status", _cluster.Address, .. authority.Sign("caller")]);
        Assert.True(status.Code == 0, status.Error);
        Assert.Equal(2, status.Output.Split(": idle").Length - 1);

        CommandRun trained = await TinyCluster.CallAsync(
            ["train", "--cluster", _cluster.Address, "--out", _cluster.Tiny.PathOf("together"), "--json", .. authority.Sign("caller")]);
        Assert.True(trained.Code == 0, trained.Error);
        CommandRun alone = await _cluster.Tiny.TrainAsync("alone");
        Assert.Equal(TinyRuns.Losses(alone), TinyRuns.Losses(trained));
    }
}
