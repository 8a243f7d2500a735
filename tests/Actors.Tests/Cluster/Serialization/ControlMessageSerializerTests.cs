using System.Runtime.Serialization;
using Actors.Runtime.Cluster.Serialization;
using Actors.Runtime.Training;
using Akka.Actor;
using Akka.Serialization;

namespace Actors.Runtime.Tests.Cluster.Serialization;

/// <summary>Control messages between processes.</summary>
public sealed class ControlMessageSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("control", ControlMessageSerializer.Binding(maxBytes: 1000));
    private readonly IActorRef _one;
    private readonly IActorRef _other;

    public ControlMessageSerializerTests()
    {
        _one = _system.ActorOf(Props.Create(() => new Silent()), "one");
        _other = _system.ActorOf(Props.Create(() => new Silent()), "other");
    }

    private SerializerWithStringManifest Serializer =>
        Assert.IsType<ControlMessageSerializer>(_system.Serialization.FindSerializerForType(typeof(Train)));

    public static TheoryData<Type> Marked() =>
        [.. typeof(IControlMessage).Assembly.GetTypes().Where(type => type.IsClass && !type.IsAbstract && typeof(IControlMessage).IsAssignableFrom(type))];

    public void Dispose() => _system.Dispose();

    [Theory]
    [MemberData(nameof(Marked))]
    public void A_message_comes_back_as_it_was_sent(Type type)
    {
        IControlMessage sample = Assert.Single(ControlSamples.Of(_one, _other), sample => sample.GetType() == type);
        string manifest = Serializer.Manifest(sample);
        SameFields.AssertSame(sample, Serializer.FromBinary(Serializer.ToBinary(sample), manifest), type.Name);
    }

    [Fact]
    public void A_name_is_words_and_a_version_and_belongs_to_one_message()
    {
        string[] names = [.. ControlSamples.Of(_one, _other).Select(Serializer.Manifest)];
        Assert.All(names, name => Assert.Matches(@"^[a-z]+(-[a-z]+)*\.[0-9]+$", name));
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    /// <summary>A formatter that is made at its first use can be missing to a second thread.</summary>
    [Fact]
    public void Every_type_inside_of_messages_has_its_formatter_made_at_the_start()
    {
        IEnumerable<Type> packed = typeof(IControlMessage).Assembly.GetTypes()
            .Where(type => type.GetCustomAttributes(inherit: false).Any(attribute => attribute is MemoryPack.MemoryPackableAttribute));
        Assert.Equal(
            packed.Where(type => !typeof(IControlMessage).IsAssignableFrom(type)).Select(type => type.Name).Order(),
            ControlMessages.PartTypes.Select(type => type.Name).Order());
    }

    [Fact]
    public void A_name_of_another_version_is_refused() => Assert.Equal(
        "A message \"run-step.999\" came, which this node does not know: the nodes run different versions, start all with the same.",
        Assert.Throws<SerializationException>(() => Serializer.FromBinary([], "run-step.999")).Message);

    [Fact]
    public void A_message_beyond_the_bound_is_refused_at_both_ends()
    {
        var batch = new RunBatch([.. Enumerable.Range(0, 250)], [], Gradients: false, Capture: false);
        string sent = Assert.Throws<SerializationException>(() => Serializer.ToBinary(batch)).Message;
        Assert.StartsWith("RunBatch takes 1", sent, StringComparison.Ordinal);
        Assert.Contains("may take 1000", sent, StringComparison.Ordinal);
        string read = Assert.Throws<SerializationException>(() => Serializer.FromBinary(new byte[1001], "run-batch.1")).Message;
        Assert.Equal("A message run-batch.1 of 1001 bytes came, and 1000 are allowed.", read);
    }

    [Theory]
    [MemberData(nameof(Marked))]
    public void A_message_that_was_cut_or_grew_is_refused(Type type)
    {
        IControlMessage sample = ControlSamples.Of(_one, _other).Single(sample => sample.GetType() == type);
        string manifest = Serializer.Manifest(sample);
        byte[] bytes = Serializer.ToBinary(sample);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<SerializationException>(() => Serializer.FromBinary(bytes[..length], manifest));
        }

        Assert.Throws<SerializationException>(() => Serializer.FromBinary([.. bytes, 0], manifest));
    }

    private sealed class Silent : ReceiveActor;
}
