using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Actors.Cli.Requests;
using Actors.Cli.Runs;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Configuration;
using Actors.Runtime.Diagnostics;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;

namespace Actors.Cli.Nodes;

/// <summary>Who asks a cluster from outside: an actor system that joins nothing, and the address of a process to ask.</summary>
internal sealed class ClusterCaller : IAsyncDisposable
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(10);
    private readonly string _cluster;

    private ClusterCaller(ActorSystem system, string cluster, string address) => (System, _cluster, Address) = (system, cluster, address);

    /// <summary>The caller's own system.</summary>
    public ActorSystem System { get; }

    /// <summary>Where requests go first.</summary>
    public ActorSelection Front => FrontAt(Address);

    /// <summary>Address of the process to ask first, as Akka.NET writes it.</summary>
    public string Address { get; }

    /// <summary>Makes a system that the cluster can answer.</summary>
    /// <param name="composition">Logs.</param>
    /// <param name="cluster">How the cluster is reached.</param>
    /// <exception cref="UsageException">It is no address, or cannot be reached.</exception>
    public static ClusterCaller Connect(Composition composition, ClusterAddress cluster)
    {
        string own = OwnAddress(cluster.Process);
        var layers = LayeredConfiguration.Load(null, [.. cluster.Settings, ConfigurationOverride.Of("--cluster", "actors.cluster.host", own)], _ => null);
        ClusterSettings settings = ActorsSettings.Read(layers).Cluster;
        Config config = layers.Merged.WithFallback(ClusterSystem.For(settings, joins: false));
        ActorSystemSetup setup = ClusterSystem.WithTls(AkkaLog.Setup(config, composition.Telemetry.Loggers), settings);
        return new ClusterCaller(ActorSystem.Create("caller", setup), cluster.Process, ClusterSystem.AddressOf(cluster.Process, settings));
    }

    /// <summary>The front of a process.</summary>
    public ActorSelection FrontAt(string address) => System.ActorSelection($"{address}/user/{ProcessNames.Front}");

    /// <summary>Asks the process whose address was given, once.</summary>
    /// <exception cref="UsageException">It does not answer.</exception>
    public Task<T> AskAsync<T>(object message) => AskAnyAsync<T>(message, []);

    /// <summary>Asks a process, and where it does not answer one after the other of those that are known.</summary>
    /// <param name="message">What is asked.</param>
    /// <param name="processes">Addresses of the processes; the one that the caller was given is the first where it is among them, or where none is known.</param>
    /// <exception cref="UsageException">Nobody answers.</exception>
    public async Task<T> AskAnyAsync<T>(object message, ImmutableArray<string> processes)
    {
        IEnumerable<string> first = processes.IsEmpty || processes.Contains(Address) ? [Address] : [];
        foreach (string address in first.Concat(processes.Where(process => process != Address)))
        {
            try
            {
                return await FrontAt(address).Ask<T>(message, AnswerTimeout);
            }
            catch (AskTimeoutException)
            {
                continue;
            }
        }

        throw NobodyAnswers();
    }

    /// <summary>The error where no process answers.</summary>
    public UsageException NobodyAnswers() =>
        new($"--cluster: nobody answers at {_cluster} within {AnswerTimeout.TotalSeconds:0} s: name a process started with actors node");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await System.Terminate();

    /// <summary>The address of this machine that leads to the process.</summary>
    private static string OwnAddress(string cluster)
    {
        int colon = cluster.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(cluster.AsSpan(colon + 1), out ushort port) || port == 0)
        {
            throw new UsageException($"--cluster: {cluster} is no address; write it like 127.0.0.1:4053");
        }

        try
        {
            // A datagram socket sends nothing when it is connected: it only finds the way.
            using var way = new Socket(SocketType.Dgram, ProtocolType.Udp);
            way.Connect(cluster[..colon], port);
            IPAddress own = ((IPEndPoint)way.LocalEndPoint!).Address;
            return $"{(own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own)}";
        }
        catch (SocketException failure)
        {
            throw new UsageException($"--cluster: {cluster} cannot be reached: {failure.Message}");
        }
    }
}
