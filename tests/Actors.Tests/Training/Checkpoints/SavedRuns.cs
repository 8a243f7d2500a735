using Actors.Cpu;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Training.Checkpoints;

/// <summary>When the coordinator saves a run, and what its user hears of it.</summary>
public sealed class SavedRuns : IDisposable
{
    private readonly KeptCheckpoints _kept = new(TrainingFixture.SmallPlan.Model);

    public void Dispose() => _kept.Dispose();

    [Fact]
    public async Task Every_so_many_steps_and_the_last_one_are_saved_once_each()
    {
        using var run = new TrainingFixture { Checkpoints = _kept };
        TestProbe user = run.Train(5, checkpointEverySteps: 2);

        Assert.Equal(["1", "2", "saved 2", "3", "4", "saved 4", "5", "saved 5", "ended 5"], await HeardAsync(user));
        Assert.Equal(["step-00000004", "step-00000005"], Entries());

        run.Run.Coordinator.Tell(new Train(6, CheckpointEverySteps: 2), user);
        Assert.Equal(["6", "saved 6", "ended 6"], await HeardAsync(user));
    }

    [Fact]
    public async Task A_stop_saves_what_is_there_and_a_second_one_does_not()
    {
        using var run = new TrainingFixture { Checkpoints = _kept };
        TestProbe user = run.CreateTestProbe();
        run.Run.Coordinator.Tell(new StopTraining(), user);
        Assert.Equal(["saved 0", "ended 0"], await HeardAsync(user));

        run.Run.Coordinator.Tell(new StopTraining(), user);
        Assert.Equal(["ended 0"], await HeardAsync(user));
    }

    [Fact]
    public async Task A_failure_that_leaves_a_whole_state_saves_it_first()
    {
        using var run = new TrainingFixture { Checkpoints = _kept, Batches = new EndingBatches(3) };
        TestProbe user = run.Train(5);

        Assert.Equal(["1", "2", "saved 2", "failed, kept in step-00000002"], await HeardAsync(user));
    }

    [Fact]
    public async Task A_failure_after_a_saved_state_names_no_new_one()
    {
        using var run = new TrainingFixture { Checkpoints = _kept, Batches = new EndingBatches(3) };
        TestProbe user = run.Train(5, checkpointEverySteps: 2);

        Assert.Equal(["1", "2", "saved 2", "failed, kept in nothing"], await HeardAsync(user));
    }

    [Fact]
    public async Task A_disk_that_refuses_ends_training_with_its_reason()
    {
        using var full = new KeptCheckpoints(TrainingFixture.SmallPlan.Model) { Refusal = "the disk is full" };
        using var run = new TrainingFixture { Checkpoints = full };
        TestProbe user = run.Train(5, checkpointEverySteps: 2);

        Assert.Equal(["1", "2", $"not saved 2: {full.Folder}: the disk is full"], await HeardAsync(user));
        run.Run.Coordinator.Tell(new Train(5, CheckpointEverySteps: 2), user);
        Assert.Equal($"{full.Folder}: the disk is full", (await user.ExpectMsgAsync<RunFailed>()).Reason);
    }

    [Fact]
    public async Task A_failure_says_why_a_whole_state_could_not_be_saved()
    {
        using var full = new KeptCheckpoints(TrainingFixture.SmallPlan.Model) { Refusal = "the disk is full" };
        using var run = new TrainingFixture { Checkpoints = full, Batches = new EndingBatches(2) };

        RunFailed failed = await run.TrainAsync<RunFailed>(5);

        Assert.Equal((1, $"{full.Folder}: the disk is full", null), (failed.WholeStep, failed.NotKept, failed.Checkpoint));
        Assert.Matches(@"^step 2: rank \d failed: .+the text has ended$", failed.Reason);
    }

    /// <summary>Other ranks of the step that failed may still play while the state is saved: what they do changes no values.</summary>
    [Fact]
    public async Task A_link_that_fails_in_a_step_leaves_the_state_before_it()
    {
        int made = 0;
        using var run = new TrainingFixture(
            TrainingFixture.SmallPlan with { SeparatesNodes = true },
            () => Interlocked.Increment(ref made) == 17 ? new FaultyLink(2, throws: true) : new HostLink())
        { Checkpoints = _kept };
        TestProbe user = run.Train(5);

        Assert.Equal(["saved 0", "failed, kept in step-00000000"], await HeardAsync(user));
    }

    private static async Task<List<string>> HeardAsync(TestProbe user)
    {
        var heard = new List<string>();
        while (true)
        {
            switch (await user.ReceiveOneAsync(TimeSpan.FromSeconds(60)))
            {
                case StepCompleted step:
                    heard.Add($"{step.Step}");
                    break;
                case CheckpointSaved saved:
                    Assert.Equal($"step-{saved.Step:00000000}", Path.GetFileName(saved.Folder));
                    heard.Add($"saved {saved.Step}");
                    break;
                case TrainingEnded ended:
                    heard.Add($"ended {ended.LastStep}");
                    return heard;
                case CheckpointFailed failed:
                    heard.Add($"not saved {failed.Step}: {failed.Reason}");
                    return heard;
                case RunFailed failed:
                    heard.Add($"failed, kept in {Path.GetFileName(failed.Checkpoint) ?? "nothing"}");
                    return heard;
                case var other:
                    Assert.Fail($"{other ?? "nothing"} came after {string.Join(", ", heard)}");
                    break;
            }
        }
    }

    private string[] Entries() =>
        [.. Directory.GetFileSystemEntries(_kept.Folder).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];

    private sealed class EndingBatches(int last) : IBatchSource
    {
        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            if (step == last)
            {
                throw new InvalidOperationException("the text has ended");
            }

            ids.Fill(step);
            targets.Fill(step + 1);
        }
    }
}
