using Akka.Actor;
#if !AKKA_NET
using Akka.Actor.Internal;
#endif
using Akka.Event;

namespace Akka.Tests.Actor;

public sealed class AskTests : EngineTest
{
    [Fact]
    public async Task The_answer_completes_the_task()
    {
        Assert.Equal("hello", await Echo().Ask<string>("hello", Probe.Limit));
        Assert.Equal((object)7, await Echo().Ask(7, Probe.Limit));
    }

    [Fact]
    public async Task A_question_without_an_answer_fails_when_its_time_is_over()
    {
        IActorRef silent = System.ActorOf(Scripted.Props((_, _) => { }));
        Task<string> question = silent.Ask<string>("hello", TimeSpan.FromMinutes(1));
        Time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(question.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAsync<AskTimeoutException>(() => question);
    }

    [Fact]
    public async Task A_failure_as_answer_fails_the_task_with_its_cause()
    {
        InvalidOperationException cause = new("no");
        IActorRef failing = System.ActorOf(Scripted.Props((actor, _) => actor.Sender.Tell(new Status.Failure(cause))));
        Assert.Same(cause, await Assert.ThrowsAsync<InvalidOperationException>(() => failing.Ask<string>("hello", Probe.Limit)));
    }

    [Fact]
    public async Task An_answer_of_another_type_fails_the_task() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Echo().Ask<int>("hello", Probe.Limit));

    [Fact]
    public async Task A_cancelled_question_cancels_the_task()
    {
        using CancellationTokenSource source = new();
        IActorRef silent = System.ActorOf(Scripted.Props((_, _) => { }));
        Task<string> question = silent.Ask<string>("hello", source.Token);
        source.Cancel();
        await Assert.ThrowsAsync<TaskCanceledException>(() => question);
    }

    [EmbeddedEngineFact("Akka.NET names who asks otherwise")]
    public async Task A_finished_question_leaves_nothing_behind()
    {
        IActorRef naming = System.ActorOf(Scripted.Props((actor, _) => actor.Sender.Tell(actor.Sender.Path.ToString())));
        string path = await naming.Ask<string>("who asks?", Probe.Limit);
        Assert.StartsWith("akka://test/temp/$", path, StringComparison.Ordinal);
#if !AKKA_NET
        Assert.Empty(((ActorSystemImpl)System).TempContainer.GetChildren());
#endif
    }

    [EmbeddedEngineFact("Akka.NET does not find who asks by path")]
    public async Task Who_asks_can_be_found_by_path_while_waiting()
    {
        TaskCompletionSource<string> path = new();
        IActorRef naming = System.ActorOf(Scripted.Props((actor, _) => path.SetResult(actor.Sender.Path.ToString())));
        Task<string> question = naming.Ask<string>("who asks?", TimeSpan.FromMinutes(1));
        System.ActorSelection(await path.Task).Tell("found you");
        Assert.Equal("found you", await question.WaitAsync(Probe.Limit));
    }

    [Fact]
    public async Task A_second_answer_is_a_dead_letter()
    {
        Probe probe = NewProbe();
        System.EventStream.Subscribe<DeadLetter>(probe.Ref);
        IActorRef twice = System.ActorOf(Scripted.Props((actor, message) =>
        {
            actor.Sender.Tell(message);
            actor.Sender.Tell("again");
        }));
        await twice.Ask<string>("once", Probe.Limit);
        Assert.Equal("again", (await probe.Next<DeadLetter>()).Message);
    }

    [Fact]
    public async Task A_message_factory_sees_who_asks()
    {
        IActorRef answering = System.ActorOf(Scripted.Props((_, message) => ((IActorRef)message).Tell("you")));
        Assert.Equal("you", await answering.Ask<string>(asker => asker, Probe.Limit, CancellationToken.None));
    }

    [Fact]
    public async Task A_tasks_result_or_failure_is_piped_to_an_actor()
    {
        Probe probe = NewProbe();
        await Task.FromResult("done").PipeTo(probe.Ref);
        await Task.FromResult(3).PipeTo(probe.Ref, success: n => n * 2);
        await Task.FromException<int>(new InvalidOperationException("no")).PipeTo(probe.Ref);
        await Task.FromException(new InvalidOperationException("no")).PipeTo(probe.Ref, failure: e => e.Message);
        await probe.Expect("done", 6);
        Assert.Equal("no", (await probe.Next<Status.Failure>()).Cause!.Message);
        await probe.Expect("no");
    }

    private IActorRef Echo() => System.ActorOf(Scripted.Props((actor, message) => actor.Sender.Tell(message)));
}
