using System.Numerics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Devices;
using Actors.Runtime.Fabric.Experts;
using Actors.Runtime.Pipeline.Exchanges;

namespace Actors.Runtime.Pipeline;

/// <summary>What a component waits for, also in words for the watchdog. Those read what others may be writing: numbers for people.</summary>
internal sealed class StageWaits(RankResources rank)
{
    /// <summary>The exchange, where ranks tell each other what they have enqueued; null elsewhere.</summary>
    public DeviceExchange? Device { get; set; }

    /// <summary>A component in the words of the model: what, in which layer, of which micro-batch.</summary>
    public string Describe(Component c) => c.Kind switch
    {
        ComponentKind.ReceiveForward or ComponentKind.SendForward or ComponentKind.ReceiveBackward or ComponentKind.SendBackward
            or ComponentKind.EndWeights or ComponentKind.Release => $"{c.Kind} of stage {c.Stage}, micro-batch {c.MicroBatch}",
        _ => $"{c.Kind} of layer {rank.Layout.LayerOf(c.Stage, c.Layer)}, micro-batch {c.MicroBatch}",
    };

    /// <summary>The phase of its exchange whose rows a component waits for; null where it waits for none of the fabric's.</summary>
    public ExchangePhase? AwaitedPhase(Component c) => rank.Fabric.Shape.Ranks == 1 || Device is { GoesOnAtOnce: true } ? null : c.Kind switch
    {
        ComponentKind.ExpertsForward or ComponentKind.FinishLayer => ExchangePhase.Forward,
        ComponentKind.ExpertsBackward => ExchangePhase.Backward,
        ComponentKind.AttentionBackward when rank.Layout.HasExperts(c.Stage, c.Layer) => ExchangePhase.Backward,
        _ => null,
    };

    /// <summary>What has not come yet.</summary>
    public string Missing(Component c) => c.Kind switch
    {
        ComponentKind.ReceiveForward => $"the output of stage {c.Stage - 1} has not come",
        ComponentKind.ReceiveBackward => $"the gradient from stage {c.Stage + 1} has not come",
        ComponentKind.ExpertsForward => Dispatched(c, ExchangePhase.Forward),
        ComponentKind.ExpertsBackward => Dispatched(c, ExchangePhase.Backward),
        ComponentKind.FinishLayer => Combined(c, ExchangePhase.Forward),
        ComponentKind.AttentionBackward when AwaitedPhase(c) is not null => Combined(c, ExchangePhase.Backward),
        _ => "nothing is missing",
    };

    private string Dispatched(Component c, ExchangePhase phase)
    {
        if (Device is { } device)
        {
            return device.Missing(Exchange(c), phase, ExchangePart.Rows);
        }

        ReceiveWindow window = rank.Fabric.Window(rank.ExpertRank, Exchange(c));
        int ranks = rank.Fabric.Shape.Ranks;
        return phase == ExchangePhase.Forward && window.HeadersArrived > 0
            ? $"the row counts of {window.HeadersArrived} of {ranks} ranks have come, so its experts know not how many rows to expect"
            : $"{window.RowsArrived(phase)} of {window.TotalRows} {Rows(phase)} have reached its experts";
    }

    private string Combined(Component c, ExchangePhase phase)
    {
        if (Device is { } device)
        {
            return device.Missing(Exchange(c), phase, ExchangePart.Sums);
        }

        SourceExchange source = rank.Fabric.Source(rank.ExpertRank, Exchange(c));
        int expected = 0;
        for (int token = 0; token < source.Layout.Tokens; token++)
        {
            expected += BitOperations.PopCount(source.Layout.NodesOfToken(token));
        }

        return $"{source.RowsCombined(phase)} of {expected} {Rows(phase)} have come back from the experts";
    }

    private int Exchange(Component c) => rank.Exchanges.Of(c.Stage, c.Layer, c.MicroBatch);

    private static string Rows(ExchangePhase phase) => phase == ExchangePhase.Forward ? "rows" : "gradient rows";
}
