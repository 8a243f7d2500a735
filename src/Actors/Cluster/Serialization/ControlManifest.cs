using System.Diagnostics.CodeAnalysis;
using MemoryPack;

namespace Actors.Runtime.Cluster.Serialization;

/// <summary>A type of control message and the name that it has between processes: what it is, and the version of its fields.</summary>
/// <param name="name">Such as <c>run-step.1</c>. Another number when the fields change: nodes of different versions then refuse each other.</param>
/// <param name="message">The type.</param>
internal abstract class ControlManifest(string name, Type message)
{
    public string Name { get; } = name;

    public Type Message { get; } = message;

    /// <summary>Has the type's formatter made.</summary>
    public abstract void Register();

    public abstract byte[] Write(object message, MemoryPackSerializerOptions options);

    /// <summary>Reads a message; says how many bytes it took.</summary>
    public abstract object? Read(ReadOnlySpan<byte> bytes, MemoryPackSerializerOptions options, out int taken);
}

/// <inheritdoc/>
internal sealed class ControlManifest<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] T>(string name) : ControlManifest(name, typeof(T))
    where T : class, IControlMessage, IMemoryPackable<T>
{
    public override void Register() => MemoryPackFormatterProvider.Register<T>();

    public override byte[] Write(object message, MemoryPackSerializerOptions options) => MemoryPackSerializer.Serialize((T)message, options);

    public override object? Read(ReadOnlySpan<byte> bytes, MemoryPackSerializerOptions options, out int taken)
    {
        T? message = null;
        taken = MemoryPackSerializer.Deserialize(bytes, ref message, options);
        return message;
    }
}
