using Actors.Runtime.Placement;
using Actors.Schedules;

namespace Actors.Runtime.Pipeline;

/// <summary>
/// Turns a rank's actions into the order of components that its stage plays. The order is the same on every rank of an expert
/// group and each component waits only for what an earlier one started, so the group cannot deadlock. Inside a pair the two
/// chunks take turns layer by layer, and each communication starts as soon as its rows exist and is waited for as late as the
/// turns allow: dispatch(F) lies under mlp(B), dispatch(B) under mlp(W) and mlp(F), combine(F) under attention(B) and
/// attention(W), combine(B) under attention(W) of the layer before and attention(F). These are the places of DualPipe's
/// published trace.
/// </summary>
public static class ComponentOrder
{
    /// <summary>The components of a whole step on one rank.</summary>
    /// <param name="timetable">The step.</param>
    /// <param name="rank">Pipeline rank.</param>
    /// <param name="layout">Layers of the stages.</param>
    public static Component[] Of(Timetable timetable, int rank, StageLayout layout)
    {
        return [.. ByAction(timetable, rank, layout).SelectMany(components => components)];
    }

    /// <summary>The components of each action of a rank, in order.</summary>
    /// <param name="timetable">The step.</param>
    /// <param name="rank">Pipeline rank.</param>
    /// <param name="layout">Layers of the stages.</param>
    public static Component[][] ByAction(Timetable timetable, int rank, StageLayout layout)
    {
        ArgumentNullException.ThrowIfNull(timetable);
        ReadOnlySpan<StageAction> actions = timetable.ActionsOf(rank).AsSpan();
        var components = new Component[actions.Length][];
        for (int i = 0; i < actions.Length; i++)
        {
            var order = new List<Component>();
            Append(order, actions[i], layout, timetable.ForwardOnly);
            components[i] = [.. order];
        }

        return components;
    }

    private static void Append(List<Component> order, StageAction action, StageLayout layout, bool forwardOnly)
    {
        if (action.IsPair)
        {
            AppendPair(order, new Chunk(action.ForwardPart, layout, isPaired: true), new Chunk(action.BackwardPart, layout, isPaired: true));
            return;
        }

        var chunk = new Chunk(action, layout);
        switch (action.Kind)
        {
            case ActionKind.Forward:
                AppendForward(order, chunk, forwardOnly);
                break;
            case ActionKind.Backward:
                AppendBackward(order, chunk, withWeights: true);
                break;
            case ActionKind.BackwardInput:
                AppendBackward(order, chunk, withWeights: false);
                break;
            case ActionKind.BackwardWeights:
                AppendWeights(order, chunk);
                break;
            default:
                // A send or a receive of its own: the chunks send and receive as they are computed, so nothing is left to do.
                break;
        }
    }

    private static void AppendForward(List<Component> order, Chunk f, bool release)
    {
        order.Add(f.Of(ComponentKind.ReceiveForward));
        for (int layer = 0; layer < f.Layers; layer++)
        {
            AppendAttention(order, f, layer);
            AppendMlp(order, f, layer);
        }

        AppendFinish(order, f, f.Layers - 1);
        order.Add(f.Of(ComponentKind.SendForward));
        if (release)
        {
            order.Add(f.Of(ComponentKind.Release));
        }
    }

    private static void AppendBackward(List<Component> order, Chunk b, bool withWeights)
    {
        order.Add(b.Of(ComponentKind.ReceiveBackward));
        AppendGradientDispatch(order, b, b.Layers - 1);
        for (int layer = b.Layers - 1; layer >= 0; layer--)
        {
            AppendMlpBackward(order, b, layer);
            if (withWeights)
            {
                AppendMlpWeights(order, b, layer);
            }

            AppendAttentionBackward(order, b, layer);
            if (withWeights)
            {
                order.Add(b.Of(ComponentKind.AttentionWeights, layer));
            }
        }

        if (withWeights)
        {
            AppendEnd(order, b);
        }
    }

    private static void AppendWeights(List<Component> order, Chunk w)
    {
        for (int layer = w.Layers - 1; layer >= 0; layer--)
        {
            AppendMlpWeights(order, w, layer);
            order.Add(w.Of(ComponentKind.AttentionWeights, layer));
        }

        AppendEnd(order, w);
    }

    private static void AppendPair(List<Component> order, Chunk f, Chunk b)
    {
        order.Add(f.Of(ComponentKind.ReceiveForward));
        order.Add(b.Of(ComponentKind.ReceiveBackward));
        AppendGradientDispatch(order, b, b.Layers - 1);
        for (int turn = 0; turn < Math.Max(f.Layers, b.Layers); turn++)
        {
            int layer = turn < f.Layers ? turn : -1;
            int back = turn < b.Layers ? b.Layers - 1 - turn : -1;
            When(layer, () => AppendAttention(order, f, layer));
            When(back, () => AppendMlpBackward(order, b, back));
            When(back, () => AppendMlpWeights(order, b, back));
            When(layer, () => AppendMlp(order, f, layer));
            When(back, () => AppendAttentionBackward(order, b, back));
            When(back, () => order.Add(b.Of(ComponentKind.AttentionWeights, back)));
        }

        AppendFinish(order, f, f.Layers - 1);
        order.Add(f.Of(ComponentKind.SendForward));
        AppendEnd(order, b);
    }

    private static void When(int layer, Action append)
    {
        if (layer >= 0)
        {
            append();
        }
    }

    /// <summary>Ends the layer before, attends, and sends the tokens to their experts.</summary>
    private static void AppendAttention(List<Component> order, Chunk f, int layer)
    {
        if (layer > 0)
        {
            AppendFinish(order, f, layer - 1);
        }

        order.Add(f.Of(ComponentKind.AttentionForward, layer));
        if (f.HasExperts(layer))
        {
            order.Add(f.Of(ComponentKind.StartDispatch, layer));
        }
    }

    /// <summary>Computes the feed-forward part, and sends the experts' outputs back.</summary>
    private static void AppendMlp(List<Component> order, Chunk f, int layer)
    {
        order.Add(f.Of(ComponentKind.FeedForward, layer));
        if (f.HasExperts(layer))
        {
            order.Add(f.Of(ComponentKind.ExpertsForward, layer));
            order.Add(f.Of(ComponentKind.StartCombine, layer));
        }
    }

    private static void AppendFinish(List<Component> order, Chunk f, int layer)
    {
        if (f.HasExperts(layer))
        {
            order.Add(f.Of(ComponentKind.FinishLayer, layer));
        }
    }

    private static void AppendGradientDispatch(List<Component> order, Chunk b, int layer)
    {
        if (b.HasExperts(layer))
        {
            order.Add(b.Of(ComponentKind.StartGradientDispatch, layer));
        }
    }

    /// <summary>Input gradient of the feed-forward part; the experts' go back to their tokens.</summary>
    private static void AppendMlpBackward(List<Component> order, Chunk b, int layer)
    {
        order.Add(b.Of(ComponentKind.FeedForwardBackward, layer));
        if (b.HasExperts(layer))
        {
            order.Add(b.Of(ComponentKind.ExpertsBackward, layer));
            order.Add(b.Of(ComponentKind.StartGradientCombine, layer));
        }
    }

    /// <summary>Input gradient of attention, which goes to the experts of the layer before or to the stage before.</summary>
    private static void AppendAttentionBackward(List<Component> order, Chunk b, int layer)
    {
        order.Add(b.Of(ComponentKind.AttentionBackward, layer));
        if (layer == 0)
        {
            order.Add(b.Of(ComponentKind.SendBackward));
        }
        else
        {
            AppendGradientDispatch(order, b, layer - 1);
        }
    }

    private static void AppendMlpWeights(List<Component> order, Chunk w, int layer)
    {
        order.Add(w.Of(ComponentKind.FeedForwardWeights, layer));
        if (w.HasExperts(layer))
        {
            order.Add(w.Of(ComponentKind.ExpertWeights, layer));
        }
    }

    private static void AppendEnd(List<Component> order, Chunk w)
    {
        order.Add(w.Of(ComponentKind.EndWeights));
        order.Add(w.Of(ComponentKind.Release));
    }

    private readonly record struct Chunk(int Stage, int MicroBatch, StageLayout Layout, bool IsPaired)
    {
        public Chunk(StageAction action, StageLayout layout, bool isPaired = false)
            : this(action.Stage, action.MicroBatch, layout, isPaired)
        {
        }

        public int Layers => Layout.LayerCount(Stage);

        public bool HasExperts(int layer) => Layout.HasExperts(Stage, layer);

        public Component Of(ComponentKind kind, int layer = 0) => new(kind, Stage, MicroBatch, layer, IsPaired);
    }
}
