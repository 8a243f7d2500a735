using Actors.Schedules;

namespace Actors.Runtime.Stages;

/// <summary>
/// Turns a rank's actions into the order of components that its stage plays. The order is the same on every rank of an expert
/// group and each component waits only for what an earlier one started, so the group cannot deadlock. Inside a pair the two
/// chunks take turns layer by layer in the order of DualPipe's published trace: combine(B), attention(F), mlp(B),
/// dispatch(F), dispatch(B), mlp(W), mlp(F), attention(B), attention(W), combine(F).
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
            AppendPair(order, new Chunk(action.ForwardPart, layout), new Chunk(action.BackwardPart, layout));
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
            order.Add(f.Of(ComponentKind.AttentionForward, layer));
            AppendDispatch(order, f, layer);
            AppendMlp(order, f, layer);
            AppendCombine(order, f, layer);
            AppendFinish(order, f, layer);
        }

        order.Add(f.Of(ComponentKind.SendForward));
        if (release)
        {
            order.Add(f.Of(ComponentKind.Release));
        }
    }

    private static void AppendBackward(List<Component> order, Chunk b, bool withWeights)
    {
        order.Add(b.Of(ComponentKind.ReceiveBackward));
        for (int layer = b.Layers - 1; layer >= 0; layer--)
        {
            AppendGradientDispatch(order, b, layer);
            AppendMlpBackward(order, b, layer);
            AppendGradientCombine(order, b, layer);
            if (withWeights)
            {
                AppendMlpWeights(order, b, layer);
            }

            order.Add(b.Of(ComponentKind.AttentionBackward, layer));
            if (withWeights)
            {
                order.Add(b.Of(ComponentKind.AttentionWeights, layer));
            }
        }

        order.Add(b.Of(ComponentKind.SendBackward));
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
        for (int turn = 0; turn < Math.Max(f.Layers, b.Layers); turn++)
        {
            int layer = turn < f.Layers ? turn : -1;
            int back = turn < b.Layers ? b.Layers - 1 - turn : -1;
            When(back, () => AppendGradientDispatch(order, b, back));
            When(layer, () =>
            {
                if (layer > 0)
                {
                    AppendFinish(order, f, layer - 1);
                }

                order.Add(f.Of(ComponentKind.AttentionForward, layer));
            });
            When(back, () => AppendMlpBackward(order, b, back));
            When(layer, () => AppendDispatch(order, f, layer));
            When(back, () => AppendGradientCombine(order, b, back));
            When(back, () => AppendMlpWeights(order, b, back));
            When(layer, () => AppendMlp(order, f, layer));
            When(back, () => order.Add(b.Of(ComponentKind.AttentionBackward, back)));
            if (back == 0)
            {
                order.Add(b.Of(ComponentKind.SendBackward));
            }

            When(back, () => order.Add(b.Of(ComponentKind.AttentionWeights, back)));
            When(layer, () => AppendCombine(order, f, layer));
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

    private static void AppendDispatch(List<Component> order, Chunk f, int layer)
    {
        if (f.HasExperts(layer))
        {
            order.Add(f.Of(ComponentKind.StartDispatch, layer));
        }
    }

    private static void AppendMlp(List<Component> order, Chunk f, int layer)
    {
        order.Add(f.Of(ComponentKind.FeedForward, layer));
        if (f.HasExperts(layer))
        {
            order.Add(f.Of(ComponentKind.ExpertsForward, layer));
        }
    }

    private static void AppendCombine(List<Component> order, Chunk f, int layer)
    {
        if (f.HasExperts(layer))
        {
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

    private static void AppendMlpBackward(List<Component> order, Chunk b, int layer)
    {
        order.Add(b.Of(ComponentKind.FeedForwardBackward, layer));
        if (b.HasExperts(layer))
        {
            order.Add(b.Of(ComponentKind.ExpertsBackward, layer));
        }
    }

    private static void AppendGradientCombine(List<Component> order, Chunk b, int layer)
    {
        if (b.HasExperts(layer))
        {
            order.Add(b.Of(ComponentKind.StartGradientCombine, layer));
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

    private readonly record struct Chunk(int Stage, int MicroBatch, StageLayout Layout)
    {
        public Chunk(StageAction action, StageLayout layout)
            : this(action.Stage, action.MicroBatch, layout)
        {
        }

        public int Layers => Layout.LayerCount(Stage);

        public bool HasExperts(int layer) => Layout.HasExperts(Stage, layer);

        public Component Of(ComponentKind kind, int layer = 0) => new(kind, Stage, MicroBatch, layer);
    }
}
