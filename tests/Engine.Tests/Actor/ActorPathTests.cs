using Akka.Actor;
using FsCheck;
using FsCheck.Fluent;

namespace Akka.Tests.Actor;

public sealed class ActorPathTests
{
    private static readonly char[] NameSymbols = [.. "abcXYZ019-_.*+:@&=,!~';()"];

    [Fact]
    public void A_path_survives_its_text()
    {
        Arbitrary<string[]> names = Gen.ArrayOf(Gen.ArrayOf(Gen.Elements(NameSymbols)).Where(c => c.Length > 0).Select(c => new string(c))).ToArbitrary();
        Prop.ForAll(names, elements =>
        {
            ActorPath path = new RootActorPath(new Address("akka.tcp", "sys", "localhost", 4053)) / elements;
            ActorPath parsed = ActorPath.Parse(path.ToSerializationFormat());
            return parsed == path && parsed.Elements.SequenceEqual(elements) && parsed.GetHashCode() == path.GetHashCode();
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_incarnation_is_written_and_read_but_not_compared()
    {
        ActorPath path = (new RootActorPath(new Address("akka", "sys")) / "user" / "a").WithUid(17);
        Assert.Equal("akka://sys/user/a#17", path.ToStringWithUid());
        Assert.Equal(17, ActorPath.Parse(path.ToStringWithUid()).Uid);
        Assert.Equal(path, path.WithUid(18));
    }

    [Theory]
    [InlineData("akka://sys", "akka", "sys", null, null)]
    [InlineData("akka.tcp://sys@host:4053", "akka.tcp", "sys", "host", 4053)]
    [InlineData("akka.tcp://sys@[::1]:4053", "akka.tcp", "sys", "[::1]", 4053)]
    public void An_address_survives_its_text(string text, string protocol, string system, string? host, int? port)
    {
        Address address = Address.Parse(text);
        Assert.Equal((protocol, system, host, port), (address.Protocol, address.System, address.Host, address.Port));
        Assert.Equal(text, address.ToString());
    }

    [EmbeddedEngineTheory("Akka.NET takes paths without a system and ports that do not exist")]
    [InlineData("")]
    [InlineData("/user/a")]
    [InlineData("://sys")]
    [InlineData("akka://")]
    [InlineData("akka://sys@host")]
    [InlineData("akka://sys@host:99999")]
    [InlineData("akka://sys@host:port")]
    public void What_is_no_path_is_refused(string text)
    {
        Assert.False(ActorPath.TryParse(text, out _));
        Assert.Throws<UriFormatException>(() => ActorPath.Parse(text));
    }

    [Fact]
    public void Ancestors_are_found_from_both_ends()
    {
        ActorPath path = ActorPath.Parse("akka://sys/user/a/b");
        Assert.Equal("akka://sys/user", path.ParentOf(1).ToString());
        Assert.Equal("akka://sys/user/a", path.ParentOf(-1).ToString());
        Assert.Equal(path.Root, path.ParentOf(0));
    }
}
