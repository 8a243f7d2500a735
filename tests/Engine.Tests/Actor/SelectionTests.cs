using Akka.Actor;
using Akka.Event;

namespace Akka.Tests.Actor;

public sealed class SelectionTests : EngineTest
{
    [Theory]
    [InlineData("/user/top/a", "a")]
    [InlineData("akka://test/user/top/b", "b")]
    [InlineData("user/top/a", "a")]
    [InlineData("/user/top/a/../b", "b")]
    [InlineData("/user/top/*", "a", "b")]
    [InlineData("/user/*/a", "a")]
    [InlineData("/user/top/?", "a", "b")]
    [InlineData("/user/top/**", "a", "b", "c")]
    public async Task A_selection_reaches_who_is_there(string path, params string[] reached)
    {
        Probe probe = await Tree();
        System.ActorSelection(path).Tell("hello");
        List<object> answers = [];
        for (int i = 0; i < reached.Length; i++)
        {
            answers.Add(await probe.Next());
        }

        Assert.Equal(reached, answers.Order());
        await probe.ExpectNothingMore();
    }

    [EmbeddedEngineFact("Akka.NET takes a double wildcard only at the end")]
    public Task A_double_wildcard_may_stand_anywhere() => A_selection_reaches_who_is_there("/user/**/c", "c");

    [Fact]
    public async Task A_selection_resolves_to_a_handle()
    {
        await Tree();
        IActorRef a = await System.ActorSelection("/user/top/a").ResolveOne(Probe.Limit);
        Assert.Equal("akka://test/user/top/a", a.Path.ToString());
    }

    [Fact]
    public async Task Nobody_there_is_an_error_to_who_resolves_and_a_dead_letter_to_who_tells()
    {
        Probe probe = NewProbe();
        System.EventStream.Subscribe<DeadLetter>(probe.Ref);
        await Assert.ThrowsAsync<ActorNotFoundException>(() => System.ActorSelection("/user/none").ResolveOne(Probe.Limit));
        System.ActorSelection("/user/none").Tell("hello");
        DeadLetter letter = await probe.Next<DeadLetter>();
        Assert.Equal("/user/none", letter.Recipient.Path.ToStringWithoutAddress());
    }

    [Fact]
    public async Task An_actor_selects_relative_to_itself()
    {
        Probe probe = await Tree();
        IActorRef top = await System.ActorSelection("/user/top").ResolveOne(Probe.Limit);
        top.Tell((Action<Scripted>)(actor => actor.Context.ActorSelection("a/c").Tell("hello")));
        await probe.Expect("c");
    }

    [Fact]
    public async Task Identify_names_the_actor()
    {
        Probe probe = NewProbe();
        probe.Ref.Tell(new Identify("id"), probe.Ref);
        await probe.Expect(new ActorIdentity("id", probe.Ref));
    }

    /// <summary>top with the children a and b, a with the child c; each tells its name when told something.</summary>
    private async Task<Probe> Tree()
    {
        Probe probe = NewProbe("probe-of-tree");
        IActorRef top = System.ActorOf(Scripted.Props((actor, message) => ((Action<Scripted>)message)(actor)), "top");
        top.Tell((Action<Scripted>)(actor =>
        {
            Props leaf = Scripted.Props((child, message) =>
            {
                if (message is Props below)
                {
                    child.Context.ActorOf(below, "c");
                    child.Sender.Tell("made");
                    return;
                }

                probe.Ref.Tell(child.Self.Path.Name);
            });
            actor.Context.ActorOf(leaf, "a").Tell(leaf, probe.Ref);
            actor.Context.ActorOf(leaf, "b");
        }));
        await probe.Expect("made");
        await top.Ask<ActorIdentity>(new Identify(1), Probe.Limit);
        return probe;
    }
}
