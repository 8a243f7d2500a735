using System.Collections.Immutable;
using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Copies;
using Actors.Tensors.Operations;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>Whether a state can be saved from memory, and who writes what of it.</summary>
public sealed class StateRescues : IDisposable
{
    private const int Epoch = 3;
    private static readonly ImmutableArray<ProcessShare> Shares =
        [.. Enumerable.Range(0, 4).Select(process => new ProcessShare($"p{process}", "here", "127.0.0.1", 1, [2 * process, (2 * process) + 1]))];

    private readonly Kit _kit = new();
    private readonly StateRescue _rescue = new(Epoch, TrainingFixture.SmallPlan, Shares);
    private readonly TestProbe[] _processes;

    public StateRescues() => _processes = [.. Shares.Select(_ => _kit.CreateTestProbe())];

    public void Dispose() => _kit.Dispose();

    [Fact]
    public void A_process_that_is_lost_is_written_by_the_next()
    {
        Ask(0, 1, 2);
        Hold(4, 0, 1, 2);

        Assert.Equal((true, null), (_rescue.IsHeld, _rescue.Obstacle));
        Assert.Equal(["0 1 6 7", "2 3", "4 5"], _rescue.Writers.Select(writer => string.Join(' ', writer.Nodes)));
    }

    [Fact]
    public void Two_that_follow_each_other_cannot_be_lost()
    {
        Ask(0, 3);

        Assert.Equal("p1 is lost, and so is p2, which kept its copy", _rescue.Obstacle);
    }

    [Fact]
    public void Two_that_do_not_can()
    {
        Ask(0, 2);

        Assert.Null(_rescue.Obstacle);
    }

    [Fact]
    public void A_process_that_is_lost_while_it_is_asked_counts_as_lost()
    {
        Ask(0, 2, 3);
        Hold(4, 0);
        _rescue.Lose(_processes[2]);

        Assert.Equal("p1 is lost, and so is p2, which kept its copy", _rescue.Obstacle);
    }

    [Fact]
    public void Who_refuses_is_named()
    {
        Ask(0, 1, 2);
        _rescue.Take(new ShareHeld(Epoch, 1, 0, null, [], "its share does not stand", _processes[1]));

        Assert.Equal("p1 cannot hold its state: its share does not stand", _rescue.Obstacle);
    }

    [Fact]
    public async Task Those_a_step_behind_make_the_update_that_others_have_made()
    {
        Ask(0, 1, 2);
        Hold(4, 0, 2);
        Hold(5, 1);

        Assert.True(_rescue.FinishBehind(_kit.TestActor));
        Assert.False(_rescue.IsHeld);
        foreach (int process in new[] { 0, 2 })
        {
            await _processes[process].ExpectMsgAsync<HoldShare>();
            Assert.Equal(5, (await _processes[process].ExpectMsgAsync<FinishUpdate>()).Update.Step.Step);
        }

        Hold(5, 0, 2);
        Assert.True(_rescue.IsHeld);
        Assert.False(_rescue.FinishBehind(_kit.TestActor));
        Assert.Equal(5, Assert.Single(_rescue.Latest).Step);
    }

    [Fact]
    public void What_nobody_has_updated_is_not_saved()
    {
        Ask(0, 1, 2);
        Array.ForEach([0, 1, 2], process => _rescue.Take(new ShareHeld(Epoch, process, 0, null, [], null, _processes[process])));

        Assert.False(_rescue.FinishBehind(_kit.TestActor));
        Assert.Null(_rescue.Newest);
    }

    [Fact]
    public void Nothing_is_held_while_the_coordinator_may_still_save()
    {
        Ask(0, 1, 2);
        Hold(4, 0, 1, 2);
        _rescue.Coordinator = _kit.TestActor;
        Assert.False(_rescue.IsHeld);

        _rescue.Coordinator = null;

        Assert.True(_rescue.IsHeld);
    }

    [Fact]
    public void A_state_of_which_a_writer_is_lost_can_be_saved_again_by_those_that_are_left()
    {
        Ask(0, 1, 2);
        Hold(4, 0, 1, 2);
        _rescue.Save(_kit.TestActor);
        Assert.False(_rescue.HasLostWriter);

        _rescue.Lose(_processes[1]);

        Assert.True(_rescue.HasLostWriter);
        _rescue.Save(null);
        Assert.Equal((false, true, null), (_rescue.HasLostWriter, _rescue.IsHeld, _rescue.Obstacle));
    }

    [Fact]
    public void An_answer_of_another_epoch_is_none()
    {
        Ask(0);
        _rescue.Take(new ShareHeld(Epoch - 1, 0, 4, Update(4), [], null, _processes[0]));

        Assert.False(_rescue.IsHeld);
    }

    private static ApplyUpdate Update(int step) => new(
        new AdamWStep(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 4, 0.5f), new StepCompleted(step, 1, 1, 1, 1, 1, default, [], 1, 1, [], 0), 0);

    private void Ask(params int[] processes) => Array.ForEach(processes, process => _rescue.Ask(process, _processes[process], _kit.TestActor));

    private void Hold(int step, params int[] processes) => Array.ForEach(
        processes, process => _rescue.Take(new ShareHeld(Epoch, process, step, Update(step), [Update(step).Step], null, _processes[process])));

    private sealed class Kit : ActorKit;
}
