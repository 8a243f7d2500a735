using System.Globalization;
using System.Text;
using Akka.Actor;

namespace Actors.LoadTests.Routing.Nodes;

/// <summary>Starts exchanges on the ranks of a node process and says when all have ended one, with their latencies.</summary>
internal sealed class NodeStarter(IReadOnlyList<IActorRef> stages, int exchanges, NodeOutput output) : UntypedActor
{
    private readonly StringBuilder[] _ticks = [.. Enumerable.Range(0, exchanges).Select(_ => new StringBuilder())];
    private readonly int[] _left = new int[exchanges];

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartExchange start:
                _left[start.Exchange] = stages.Count;
                _ticks[start.Exchange].Clear();
                foreach (IActorRef stage in stages)
                {
                    stage.Tell(start, Self);
                }

                break;
            case ExchangeEnded ended:
                _ticks[ended.Exchange].Append(CultureInfo.InvariantCulture, $" {ended.Ticks}");
                if (--_left[ended.Exchange] == 0)
                {
                    output.Say(string.Create(CultureInfo.InvariantCulture, $"ended {ended.Exchange}{_ticks[ended.Exchange]}"));
                }

                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
