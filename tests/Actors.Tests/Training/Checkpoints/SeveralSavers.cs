using System.Collections.Immutable;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Akka.Actor;
using Akka.Event;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Training.Checkpoints;

/// <summary>A checkpoint whose blocks several processes write, each those of its own ranks.</summary>
public sealed class SeveralSavers : IDisposable
{
    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with { SeparatesNodes = true };

    private readonly KeptCheckpoints _kept = new(Plan.Model);
    private readonly TrainingFixture _run = new(Plan) { BiasUpdateSpeed = 0.01 };

    public void Dispose()
    {
        _run.Dispose();
        _kept.Dispose();
    }

    [Theory]
    [InlineData("0 1 2|3")]
    [InlineData("3 0|1|2")]
    public async Task Several_processes_save_the_tensors_that_one_does(string nodes)
    {
        await TrainAsync(2);
        string one = (await SaveAsync<CheckpointSaved>(1, [Process("0 1 2 3", Saver())])).Folder;
        ImmutableArray<RunProcess> processes = [.. nodes.Split('|').Select(some => Process(some, Saver()))];
        string several = (await SaveAsync<CheckpointSaved>(2, processes)).Folder;

        Assert.True(File.Exists(Path.Combine(one, "model.safetensors")));
        Assert.Equal(processes.Length, Directory.GetFiles(several, $"model-*-of-{processes.Length:00000}.safetensors").Length);
        SameTensors.Assert(one, several);
        SameTensors.Assert(Path.Combine(one, "optimizer"), Path.Combine(several, "optimizer"));
    }

    [Fact]
    public async Task A_process_that_cannot_write_or_is_gone_leaves_nothing_behind()
    {
        TestProbe refusing = _run.CreateTestProbe(), gone = _run.CreateTestProbe();
        TestProbe leader = Order(1, [Process("0 1", Saver()), Process("2", refusing), Process("3", gone)]);
        SaveBlocks order = await refusing.ExpectMsgAsync<SaveBlocks>();
        Assert.Equal((1, "0 0 1 2"), (order.Writer, string.Join(' ', order.Writers)));
        refusing.Reply(new BlocksSaved("rank 4: the disk is full"));
        await gone.ExpectMsgAsync<SaveBlocks>();
        Assert.Empty(_kept.Abandoned);
        _run.Sys.Stop(gone);
        CheckpointFailed failed = await leader.ExpectMsgAsync<CheckpointFailed>();

        Assert.Equal(
            $"{_kept.Folder}/step-00000001: cannot be written: rank 4: the disk is full; earlier checkpoints are untouched: make room, or name another folder with --out",
            failed.Reason);
        Assert.Equal([1], _kept.Abandoned);
        Assert.DoesNotContain(Directory.GetFileSystemEntries(_kept.Folder), entry => Path.GetFileName(entry).StartsWith("step", StringComparison.Ordinal));

        TestProbe dead = _run.CreateTestProbe();
        leader = Order(2, [Process("0 1 2 3", dead)]);
        await dead.ExpectMsgAsync<SaveBlocks>();
        _run.Sys.Stop(dead);
        Assert.Contains(
            $"{dead.Ref.Path} writes a part of it, and its process has ended", (await leader.ExpectMsgAsync<CheckpointFailed>()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_that_has_not_begun_when_its_actor_is_stopped_is_not_done()
    {
        TestProbe leader = _run.CreateTestProbe(), lost = _run.CreateTestProbe();
        _run.Sys.EventStream.Subscribe(lost, typeof(DeadLetter));
        ImmutableArray<RunProcess> processes = [Process("0 1 2 3", Saver())];
        IActorRef saving = leader.ChildActorOf(Props.Create(() => new CheckpointActor(Plan, _kept, processes, TimeProvider.System)));
        leader.Watch(saving);
        lock (_kept)
        {
            saving.Tell(new SaveCheckpoint(1), leader);
            saving.Tell(new Identify(null), leader);
            leader.ExpectMsg<ActorIdentity>();
            _run.Sys.Stop(saving);
            leader.ExpectTerminated(saving);
        }

        lost.FishForMessage<DeadLetter>(letter => letter.Message is CheckpointFailed);
        Assert.Empty(Directory.GetDirectories(_kept.Folder));
    }

    private async Task TrainAsync(int steps) => await _run.Train(steps).FishForMessageAsync<TrainingEnded>(_ => true);

    private Task<TAnswer> SaveAsync<TAnswer>(int step, ImmutableArray<RunProcess> processes) => Order(step, processes).ExpectMsgAsync<TAnswer>().AsTask();

    private TestProbe Order(int step, ImmutableArray<RunProcess> processes)
    {
        TestProbe leader = _run.CreateTestProbe();
        leader.ChildActorOf(Props.Create(() => new CheckpointActor(Plan, _kept, processes, TimeProvider.System))).Tell(new SaveCheckpoint(step), leader);
        return leader;
    }

    private IActorRef Saver() => _run.Sys.ActorOf(Props.Create(() => new BlockSaverActor(_run.Memory, 0, 0)));

    private static RunProcess Process(string nodes, IActorRef saver) => new([.. nodes.Split(' ').Select(int.Parse)], saver);
}
