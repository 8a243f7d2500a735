using Actors.Runtime.Cluster.Processes;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Training;
using Akka.TestKit;

namespace Actors.Runtime.Tests.Cluster.Processes;

/// <summary>What watchers of a run are told, whenever they come.</summary>
public sealed class RunWatching : IDisposable
{
    private readonly Kit _kit = new();
    private readonly RunWatchers _watchers = new(TimeProvider.System);
    private readonly TestProbe _watcher;

    public RunWatching() => _watcher = _kit.CreateTestProbe();

    public void Dispose() => _kit.Dispose();

    [Fact]
    public async Task Who_comes_is_told_what_it_has_not_seen_in_order()
    {
        Tell(Step(1), Step(2), new RunNotice("placed again"), Step(3));

        _watchers.Hear(_watcher, after: 2, _kit.TestActor);

        await ExpectAsync(new RunNotice("placed again"), Step(3));
    }

    [Fact]
    public async Task A_new_leader_tells_all_that_came_after_a_step_that_it_does_not_know()
    {
        Tell(new RunNotice("a new leader"), Step(21), Step(22));

        _watchers.Hear(_watcher, after: 20, _kit.TestActor);

        await ExpectAsync(new RunNotice("a new leader"), Step(21), Step(22));
    }

    [Fact]
    public async Task Who_is_there_is_told_nothing_twice()
    {
        _watchers.Hear(_watcher, after: 0, _kit.TestActor);
        Tell(Step(1), Step(2));
        _watchers.Hear(_watcher, after: 1, _kit.TestActor);
        _watchers.TellUnseen(Step(1), _kit.TestActor);

        await ExpectAsync(Step(1), Step(2));
    }

    /// <summary>A caller whose leader was killed, and which asked the dead one for ten seconds, has missed nothing.</summary>
    [Fact]
    public async Task Who_was_away_for_hundreds_of_steps_is_told_of_all()
    {
        Tell([.. Enumerable.Range(1, 300).Select(Step)]);

        _watchers.Hear(_watcher, after: 20, _kit.TestActor);

        await ExpectAsync([.. Enumerable.Range(21, 280).Select(Step)]);
    }

    [Fact]
    public async Task Of_a_long_run_the_latest_is_kept_without_loads()
    {
        const int Kept = 1 << 14;
        Tell([.. Enumerable.Range(1, Kept + 100).Select(step => Step(step) with { Load = [new LayerLoad(1, [2, 3])] })]);

        _watchers.Hear(_watcher, after: 0, _kit.TestActor);

        Assert.Equal(Step(101), await _watcher.ExpectMsgAsync<StepCompleted>());
    }

    private static StepCompleted Step(int step) => new(step, 1, 1, 1, 1, 1, default, [], 1, 1, [], 0);

    private void Tell(params object[] messages) => Array.ForEach(messages, message => _watchers.Tell(message, _kit.TestActor));

    private async Task ExpectAsync(params object[] messages)
    {
        foreach (object message in messages)
        {
            Assert.Equal(message, await _watcher.ExpectMsgAsync<object>());
        }

        await _watcher.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    private sealed class Kit : ActorKit;
}
