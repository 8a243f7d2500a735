using System.Globalization;
using System.Text.RegularExpressions;
using Actors.Cli.Requests;
using Actors.Cli.Runs;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Tests.Deployment;

/// <summary>What the image and the manifests name is what the command has: options, settings, ports, paths, files.</summary>
public sealed partial class ManifestTests
{
    private static readonly string Cluster = Read("deploy/kubernetes/cluster.yaml"), Train = Read("deploy/kubernetes/train.yaml"), Image = Read("Dockerfile");

    [Fact]
    public async Task The_nodes_command_line_is_one_that_the_command_takes()
    {
        var runs = new FakeRuns();

        CommandRun run = await CommandRun.With(runs, ArgumentsOf(Cluster));

        Assert.True(run.Code == 0, run.Error);
        NodeRequest node = runs.Node!;
        ClusterSettings cluster = node.Settings.Cluster;
        Assert.Equal("actors-0.actors", cluster.Host);
        Assert.Equal(["actors-0.actors:4053", "actors-1.actors:4053", "actors-2.actors:4053"], cluster.Seeds);
        Assert.Equal(cluster.Seeds.Count, Number(Cluster, "replicas"));
        Assert.Equal(cluster.Seeds.Count, cluster.Processes);
        Assert.Equal("/secret/cluster.secret", node.Settings.Links.SecretFile);
        Assert.True(TimeSpan.FromSeconds(Number(Cluster, "terminationGracePeriodSeconds")) > cluster.LeaveTimeout);
        int[] ports = [cluster.Port, node.Settings.Links.Port, node.MetricsPort!.Value];
        Assert.Equal(ports, Numbers(Cluster, "containerPort"));
        Assert.Equal(ports, Numbers(Cluster, "- port|  port"));
        Assert.All(ports, port => Assert.Matches($@"(?m)^EXPOSE .*\b{port}\b", Image));
    }

    [Fact]
    public void Probes_ask_for_paths_that_are_answered() =>
        Assert.Equal(HealthEndpoint.Paths.Order(StringComparer.Ordinal), Paths().Matches(Cluster).Select(path => path.Groups[1].Value).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Shared_memory_has_room_for_the_links_rings_of_all_processes()
    {
        Assert.Contains("mountPath: /dev/shm", Cluster, StringComparison.Ordinal);
        Assert.Matches(@"name: shared-memory\n          emptyDir:\n            medium: Memory\n            sizeLimit: 1Gi", Cluster);
        LinkSettings links = ActorsSettings.Read(LayeredConfiguration.Load(null)).Links;
        long ringsOfAll = 3L * 2 * 2 * (links.ChunkLanes + 1) * links.RingBytes;
        Assert.InRange(ringsOfAll, 1, 1L << 30);
    }

    [Fact]
    public async Task The_jobs_command_line_asks_the_cluster()
    {
        var runs = new FakeRuns();

        CommandRun run = await CommandRun.With(runs, ArgumentsOf(Train));

        Assert.Equal(1, run.Code);
        Assert.Equal(("actors-0.actors:4053", "/runs/first"), (runs.ClusterTrain!.Cluster.Process, runs.ClusterTrain.OutputFolder));
        Assert.Contains("mountPath: /runs", Cluster, StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_are_pinned_and_the_image_starts_what_is_published()
    {
        string[] images = [.. Images().Matches($"{Image}\n{Cluster}\n{Train}").Select(image => image.Groups[1].Value)];
        Assert.Equal(5, images.Length);
        Assert.All(images, image => Assert.Matches(@":\d+\.\d+\.\d+", image));
        string assembly = $"{typeof(ActorsCommand).Assembly.GetName().Name}.dll";
        Assert.Contains($"ENTRYPOINT [\"dotnet\", \"/app/{assembly}\"]", Image, StringComparison.Ordinal);
        Assert.Contains("RUN dotnet publish src/Cli -c Release -o /app", Image, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^USER 1654:1654$", Image);
        Assert.Equal(2, Regex.Count($"{Cluster}{Train}", "runAsUser: 1654"));
    }

    /// <summary>The items of the list <c>args</c>, with the values that a pod has in place of its variables.</summary>
    private static string[] ArgumentsOf(string manifest)
    {
        string list = Args().Match(manifest).Groups[1].Value;
        return [.. list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim()[2..]
            .Replace("$(POD_NAME)", "actors-0", StringComparison.Ordinal).Replace("$(POD_IP)", "10.0.0.7", StringComparison.Ordinal))];
    }

    private static int Number(string manifest, string key) => Numbers(manifest, key).Single();

    private static IEnumerable<int> Numbers(string manifest, string key) =>
        Regex.Matches(manifest, $@"(?m)^ *(?:{key}): (\d+)$").Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path)).ReplaceLineEndings("\n");

    [GeneratedRegex(@"\n +args:\n((?: +- .+\n)+)")]
    private static partial Regex Args();

    [GeneratedRegex(@"path: /(\S+)")]
    private static partial Regex Paths();

    [GeneratedRegex(@"(?m)^(?:FROM| +image:) (\S+)")]
    private static partial Regex Images();
}
