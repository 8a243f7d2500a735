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
        value = path is null ? null : ((ActorResolver)reader.Options.ServiceProvider!).Resolve(path);
    }
}

/// <summary>Brings to the formatter what finds the reader's actors.</summary>
internal sealed class ActorResolver(Func<string, IActorRef> resolve) : IServiceProvider
{
    public Func<string, IActorRef> Resolve { get; } = resolve;

    public object? GetService(Type serviceType) => serviceType == typeof(ActorResolver) ? this : null;
}
