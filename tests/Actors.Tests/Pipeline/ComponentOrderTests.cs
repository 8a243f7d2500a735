using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Tests.Training;
using Actors.Schedules;
using Actors.Schedules.Communication;

namespace Actors.Runtime.Tests.Pipeline;

public sealed class ComponentOrderTests
{
    [Fact]
    public void A_timetable_with_communication_is_played_like_the_one_without()
    {
        Timetable timetable = ScheduleCatalog.Create("dualpipe", new PipelineSize(2, 4));
        Timetable withCommunication = CommunicationPass.Add(timetable);
        var layout = new StageLayout(TestModels.Small(), timetable.Stages);

        for (int rank = 0; rank < timetable.Ranks; rank++)
        {
            Assert.Equal(ComponentOrder.Of(timetable, rank, layout), ComponentOrder.Of(withCommunication, rank, layout));
            Assert.Equal(withCommunication.ActionsOf(rank).Length, ComponentOrder.ByAction(withCommunication, rank, layout).Length);
        }
    }

    /// <summary>What lies under what inside a pair: DualPipe's published places.</summary>
    [Theory]
    [InlineData(ComponentKind.StartDispatch, ComponentKind.AttentionForward, ComponentKind.ExpertsForward, ComponentKind.ExpertsBackward)]
    [InlineData(ComponentKind.StartGradientCombine, ComponentKind.ExpertsBackward, ComponentKind.AttentionBackward, ComponentKind.ExpertWeights)]
    [InlineData(ComponentKind.StartGradientCombine, ComponentKind.ExpertsBackward, ComponentKind.AttentionBackward, ComponentKind.ExpertsForward)]
    [InlineData(ComponentKind.StartCombine, ComponentKind.ExpertsForward, ComponentKind.FinishLayer, ComponentKind.AttentionBackward)]
    [InlineData(ComponentKind.StartCombine, ComponentKind.ExpertsForward, ComponentKind.FinishLayer, ComponentKind.AttentionWeights)]
    [InlineData(ComponentKind.StartGradientDispatch, null, ComponentKind.ExpertsBackward, ComponentKind.AttentionForward)]
    public void In_a_pair_what_a_chunk_sends_moves_under_what_the_other_computes(
        ComponentKind sends, ComponentKind? after, ComponentKind takes, ComponentKind under)
    {
        // Stages of equally many layers, all with experts, so that every turn has both chunks.
        Timetable timetable = ScheduleCatalog.Create("dualpipe", new PipelineSize(4, 8));
        var layout = new StageLayout(TestModels.Small(layers: 12, denseLayers: 0), timetable.Stages);
        int pairs = 0;
        for (int rank = 0; rank < timetable.Ranks; rank++)
        {
            foreach (Component[] action in ComponentOrder.ByAction(timetable, rank, layout).Where(action => action[0].IsPaired))
            {
                pairs++;
                Assert.All(action, component => Assert.True(component.IsPaired));
                Component[] sent = [.. action.Where(component => component.Kind == sends)];
                Assert.Equal(3, sent.Length);
                foreach (Component start in sent)
                {
                    int from = Array.IndexOf(action, start);
                    int to = Array.IndexOf(action, start with { Kind = takes });
                    Assert.InRange(to, from + 1, action.Length);
                    Assert.Contains(action[from..to], component => component.Kind == under);
                    if (after is { } kind)
                    {
                        Assert.Equal(start with { Kind = kind }, action[from - 1]);
                    }
                }
            }
        }

        Assert.True(pairs > 0);
    }

    [Fact]
    public void A_backward_sends_its_gradients_on_before_it_computes_weights()
    {
        Timetable timetable = ScheduleCatalog.Create("dualpipe", new PipelineSize(4, 8));
        var layout = new StageLayout(TestModels.Small(layers: 12, denseLayers: 0), timetable.Stages);
        foreach (Component[] action in ComponentOrder.ByAction(timetable, 0, layout))
        {
            int attention = Array.FindIndex(action, component => component is { Kind: ComponentKind.AttentionBackward, Layer: > 0 });
            if (attention >= 0)
            {
                Assert.Equal(action[attention] with { Kind = ComponentKind.StartGradientDispatch, Layer = action[attention].Layer - 1 }, action[attention + 1]);
            }

            int first = Array.FindIndex(action, component => component is { Kind: ComponentKind.AttentionBackward, Layer: 0 });
            if (first >= 0)
            {
                Assert.Equal(ComponentKind.SendBackward, action[first + 1].Kind);
            }
        }
    }
}
