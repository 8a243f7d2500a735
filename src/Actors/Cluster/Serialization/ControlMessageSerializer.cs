using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using MemoryPack;

namespace Actors.Runtime.Cluster.Serialization;

/// <summary>
/// Writes control messages for other processes, and reads theirs: compact, without reflection, each under a name with a version
/// (<see cref="IControlMessage"/>). A process of another version is refused by the name, and a message beyond the bound by its type.
/// </summary>
public sealed class ControlMessageSerializer : SerializerWithStringManifest
{
    /// <summary>Bytes of the longest message where nothing else is asked for: below Akka's frames of 128,000, with room for the envelope.</summary>
    public const int DefaultMaxBytes = 120_000;

    /// <summary>Number of this serializer between processes; Akka's own are below 40.</summary>
    private const int Id = 7310;

    private const string MaxBytesKey = "max-message-bytes";
    private readonly MemoryPackSerializerOptions _options;
    private readonly int _maxBytes;

    /// <summary>Made by Akka for the configuration that <see cref="Binding"/> returns.</summary>
    /// <param name="system">Whose messages are written and read.</param>
    /// <param name="config">The serializer's own section.</param>
    public ControlMessageSerializer(ExtendedActorSystem system, Config config)
        : base(system)
    {
        ArgumentNullException.ThrowIfNull(config);
        _maxBytes = config.GetInt(MaxBytesKey);
        _options = MemoryPackSerializerOptions.Default with { ServiceProvider = new ActorResolver(system.Provider.ResolveActorRef) };
    }

    /// <inheritdoc/>
    public override int Identifier => Id;

    /// <summary>The configuration with which a system serializes control messages by this class; needed where other processes are reached.</summary>
    /// <param name="maxBytes">Bytes of the longest message.</param>
    [DynamicDependency(DynamicallyAccessedMemberTypes.PublicConstructors, typeof(ControlMessageSerializer))]
    public static Config Binding(int maxBytes = DefaultMaxBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        return ConfigurationFactory.ParseString(
            $$"""
            akka.actor {
              serializers.actors-control = "{{NameOf(typeof(ControlMessageSerializer))}}"
              serialization-bindings { "{{NameOf(typeof(IControlMessage))}}" = actors-control }
              serialization-identifiers { "{{NameOf(typeof(ControlMessageSerializer))}}" = {{Id.ToString(CultureInfo.InvariantCulture)}} }
              serialization-settings.actors-control { {{MaxBytesKey}} = {{maxBytes.ToString(CultureInfo.InvariantCulture)}} }
            }
            """);
    }

    /// <inheritdoc/>
    public override string Manifest(object o) => ManifestOf(o).Name;

    /// <inheritdoc/>
    /// <exception cref="SerializationException">The message is longer than the bound.</exception>
    public override byte[] ToBinary(object obj)
    {
        byte[] bytes = ManifestOf(obj).Write(obj, _options);
        return bytes.Length <= _maxBytes
            ? bytes
            : throw new SerializationException(
                $"{obj.GetType().Name} takes {bytes.Length} bytes and a message between processes may take {_maxBytes}: run fewer tokens or ranks in one message.");
    }

    /// <inheritdoc/>
    /// <exception cref="SerializationException">The name is unknown, or the bytes are no such message.</exception>
    public override object FromBinary(byte[] bytes, string manifest) => Read(bytes, manifest, _options);

    /// <summary>Reads a message for a reader who finds actors in a way of its own.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="manifest">Its name.</param>
    /// <param name="resolve">Finds an actor by the path that was written.</param>
    /// <exception cref="SerializationException">The name is unknown, or the bytes are no such message.</exception>
    public object FromBinary(byte[] bytes, string manifest, Func<string, IActorRef> resolve) =>
        Read(bytes, manifest, _options with { ServiceProvider = new ActorResolver(resolve) });

    private object Read(byte[] bytes, string manifest, MemoryPackSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        ControlManifest known = ControlMessages.Of(manifest) ?? throw new SerializationException(
            $"A message \"{manifest}\" came, which this node does not know: the nodes run different versions, start all with the same.");
        if (bytes.Length > _maxBytes)
        {
            throw new SerializationException($"A message {manifest} of {bytes.Length} bytes came, and {_maxBytes} are allowed.");
        }

        try
        {
            return known.Read(bytes, options, out int taken) is { } message && taken == bytes.Length
                ? message
                : throw new SerializationException($"A message {manifest} of {bytes.Length} bytes came, of which {taken} make one: it was damaged.");
        }
        catch (MemoryPackSerializationException failure)
        {
            throw new SerializationException($"A message {manifest} of {bytes.Length} bytes cannot be read: {failure.Message}", failure);
        }
    }

    private static ControlManifest ManifestOf(object message) => ControlMessages.Of(message.GetType())
        ?? throw new SerializationException($"{message.GetType().Name} has no name between processes: give it one in ControlMessages.");

    private static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}
