using Akka.Actor;

namespace Akka.Tests.Actor;

public sealed class ExtensionTests : EngineTest
{
    [Fact]
    public void An_extension_is_made_once_for_each_system()
    {
        Assert.False(System.HasExtension<Counter>());
        Counter counter = System.WithExtension<Counter, CounterId>();
        Assert.Same(counter, new CounterId().Apply(System));
        Assert.Same(counter, System.GetExtension<Counter>());
        Assert.True(System.TryGetExtension(out Counter? found));
        Assert.Same(counter, found);
        Assert.NotSame(counter, new CounterId().Get(Start(string.Empty)));
    }

    [EmbeddedEngineFact("Akka.NET gives null")]
    public void An_extension_that_was_not_registered_is_named() =>
        Assert.Contains(nameof(Counter), Assert.Throws<InvalidOperationException>(System.GetExtension<Counter>).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a b")]
    public void A_system_name_that_is_not_valid_is_refused(string name) => Assert.Throws<ArgumentException>(() => ActorSystem.Create(name));

    [EmbeddedEngineFact("Akka.NET has another default throughput")]
    public void Settings_are_the_given_ones_over_the_defaults()
    {
        ActorSystem system = Start("akka.actor.ask-timeout = 3s, mine = 7");
        Assert.Equal(TimeSpan.FromSeconds(3), system.Settings.AskTimeout);
        Assert.Equal(7, system.Settings.Config.GetInt("mine"));
        Assert.Equal(100, system.Settings.Config.GetInt("akka.actor.default-dispatcher.throughput"));
    }

    [EmbeddedEngineFact("Akka.NET's uptime is the machine's")]
    public async Task Uptime_follows_the_systems_clock()
    {
        TimeSpan before = System.Uptime;
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromHours(1), System.Uptime - before);
        await Task.CompletedTask;
    }

    private sealed class Counter : IExtension
    {
    }

    private sealed class CounterId : ExtensionIdProvider<Counter>
    {
        public override Counter CreateExtension(ExtendedActorSystem system) => new();
    }
}
