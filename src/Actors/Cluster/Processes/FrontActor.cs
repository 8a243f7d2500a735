using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Training;
using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes;

/// <summary>
/// Receives callers on every process, so that they need not know where the leader is: what they ask goes on to it, and it answers them
/// directly. A caller need not join the cluster.
/// </summary>
/// <param name="leader">Leads to the leader, wherever it is.</param>
internal sealed class FrontActor(IActorRef leader) : UntypedActor
{
    private static string Own => $"{Akka.Cluster.Cluster.Get(Context.System).SelfAddress}";

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case TrainRun or WatchRun or StopTraining or DescribeCluster or IInferenceRequest or ReadTokenizer or LeaveCluster { Process: not null } or DownProcess { Process: not null }:
                leader.Tell(message, Sender);
                break;
            case LeaveCluster:
                leader.Tell(new LeaveCluster(Own), Sender);
                break;
            case DownProcess:
                leader.Tell(new DownProcess(Own), Sender);
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
