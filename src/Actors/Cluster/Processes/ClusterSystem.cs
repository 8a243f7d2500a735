using System.Globalization;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Configuration;
using Actors.Runtime.Peers;
using Actors.Runtime.Peers.Opening;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>What makes an actor system a process of a cluster.</summary>
public static class ClusterSystem
{
    /// <summary>A step's loads of 58 layers of 256 experts take 120 KB, near Akka's own limit.</summary>
    private const int FrameBytes = 512_000, MessageBytes = 500_000;

    private const string Heartbeats = "akka.cluster.dispatcher";

    /// <summary>Configuration of the system of a process, or of a caller, which joins nothing.</summary>
    /// <param name="settings">Addresses and times.</param>
    /// <param name="joins">Whether it is a member of the cluster.</param>
    public static Config For(ClusterSettings settings, bool joins)
    {
        ArgumentNullException.ThrowIfNull(settings);
        string provider = joins ? "cluster" : "remote";
        return ConfigurationFactory.ParseString(string.Create(
            CultureInfo.InvariantCulture,
            $$"""
            akka {
              actor.provider = {{provider}}
              # The command ends the system itself, when the process's share has been handed over.
              coordinated-shutdown.run-by-clr-shutdown-hook = off
              remote {
                dot-netty.tcp {
                  hostname = "{{settings.Host}}"
                  port = {{(joins ? settings.Port : 0)}}
                  enable-ssl = {{(settings.Tls is null ? "off" : "on")}}
                  maximum-frame-size = {{FrameBytes}}b
                  send-buffer-size = {{FrameBytes}}b
                  receive-buffer-size = {{FrameBytes}}b
                }
                log-remote-lifecycle-events = off
                retry-gate-closed-for = 1s
              }
              cluster {
                roles = [{{string.Join(", ", settings.Roles)}}]
                # Heartbeats have threads of their own: computation never delays them.
                use-dispatcher = {{Heartbeats}}
                dispatcher { type = ForkJoinDispatcher, executor = fork-join-executor, throughput = 10, dedicated-thread-pool { thread-count = 2, threadtype = background } }
                periodic-tasks-initial-delay = 100ms
                gossip-interval = 200ms
                leader-actions-interval = 200ms
                seed-node-timeout = 1s
                retry-unsuccessful-join-after = 1s
                failure-detector { heartbeat-interval = 500ms, acceptable-heartbeat-pause = {{Milliseconds(settings.SilenceTimeout)}}, expected-response-after = 500ms }
                downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
                split-brain-resolver { active-strategy = keep-majority, stable-after = {{Milliseconds(settings.StableAfter)}} }
                singleton { hand-over-retry-interval = 200ms, min-number-of-hand-over-retries = 10 }
              }
            }
            """)).WithFallback(ControlMessageSerializer.Binding(MessageBytes));
    }

    /// <summary>Address of a process's system.</summary>
    /// <param name="process">host:port.</param>
    /// <param name="settings">Say whether there is TLS, which is part of the address.</param>
    public static string AddressOf(string process, ClusterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return $"akka.{(settings.Tls is null ? "" : "ssl.")}tcp://{ProcessNames.System}@{process}";
    }

    /// <summary>Adds the certificates of a system whose connections have TLS: the same that links show, judged in the same way.</summary>
    /// <param name="setup">What else the system is made with.</param>
    /// <param name="settings">Names the files.</param>
    /// <exception cref="PeerLinkException">A file is missing or cannot be read.</exception>
    public static ActorSystemSetup WithTls(ActorSystemSetup setup, ClusterSettings settings)
    {
        ArgumentNullException.ThrowIfNull(setup);
        ArgumentNullException.ThrowIfNull(settings);
        return PeerTls.Load(settings.Tls) is { } tls
            ? setup.And(new DotNettySslSetup(
                tls.Certificate, suppressValidation: false, requireMutualAuthentication: true,
                customValidator: (remote, _, _, _, _) => tls.Trusts(remote)))
            : setup;
    }

    /// <summary>Makes the actors by which a process takes part in its cluster; it has still to join.</summary>
    internal static void Start(ActorSystem system, ProcessParts parts)
    {
        system.ActorOf(Props.Create(() => new QuarantineWatch()), "quarantine-watch");
        system.ActorOf(parts.Process(), ProcessNames.Process);
        if (parts.ServingProcess() is { } serving)
        {
            system.ActorOf(serving, ProcessNames.Serving);
        }

        system.ActorOf(
            ClusterSingletonManager.Props(
                parts.Leader(), PoisonPill.Instance,
                ClusterSingletonManagerSettings.Create(system).WithSingletonName(ProcessNames.Leader).WithHandOverRetryInterval(TimeSpan.FromMilliseconds(200))),
            ProcessNames.Leader);
        IActorRef proxy = system.ActorOf(
            ClusterSingletonProxy.Props(
                $"/user/{ProcessNames.Leader}",
                ClusterSingletonProxySettings.Create(system).WithSingletonName(ProcessNames.Leader)
                    .WithSingletonIdentificationInterval(TimeSpan.FromMilliseconds(200)).WithLogSingletonIdentificationFailure(false)),
            "leader-proxy");
        system.ActorOf(ProcessParts.Front(proxy), ProcessNames.Front);
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds}ms");
}
