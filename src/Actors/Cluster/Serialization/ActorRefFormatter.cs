using Akka.Actor;
using MemoryPack;

namespace Actors.Runtime.Cluster.Serialization;

/// <summary>Writes an actor as its path with the address of its system, and finds it again through the provider of the reading one.</summary>
internal sealed class ActorRefFormatter : MemoryPackFormatter<IActorRef>
{
    public override void Serialize<TBufferWriter>(ref MemoryPackWriter<TBufferWriter> writer, scoped ref IActorRef? value) =>
        writer.WriteString(value is null ? null : Akka.Serialization.Serialization.SerializedActorPath(value));

    public override void Deserialize(ref MemoryPackReader reader, scoped ref IActorRef? value)
    {
        string? path = reader.ReadString();
        value = path is null ? null : ((ReadingSystem)reader.Options.ServiceProvider!).System.Provider.ResolveActorRef(path);
    }
}

/// <summary>Brings the reading system to the formatter.</summary>
internal sealed class ReadingSystem(ExtendedActorSystem system) : IServiceProvider
{
    public ExtendedActorSystem System { get; } = system;

    public object? GetService(Type serviceType) => serviceType == typeof(ExtendedActorSystem) ? System : null;
}
