using System.Collections.Concurrent;

namespace Akka.Actor.Internal;

/// <summary>A system's extensions, each made once, by whoever asks first.</summary>
internal sealed class ExtensionRegistry(ExtendedActorSystem system)
{
    private readonly ConcurrentDictionary<Type, Lazy<object>> _extensions = new();

    public object GetOrMake(IExtensionId id)
    {
        Lazy<object> extension = _extensions.GetOrAdd(
            id.ExtensionType,
            static (_, arguments) => new Lazy<object>(() => arguments.id.CreateExtension(arguments.system)),
            (id, system));
        try
        {
            return extension.Value;
        }
        catch
        {
            _extensions.TryRemove(new KeyValuePair<Type, Lazy<object>>(id.ExtensionType, extension)); // the next who asks may have more luck
            throw;
        }
    }

    public bool TryGet(Type type, out object? extension)
    {
        extension = _extensions.TryGetValue(type, out Lazy<object>? made) ? made.Value : null;
        return extension is not null;
    }
}
