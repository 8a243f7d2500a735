using Actors.Runtime.Stages;
using Actors.Schedules;
using Actors.Schedules.Communication;

namespace Actors.Runtime.Tests.Training;

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
}
