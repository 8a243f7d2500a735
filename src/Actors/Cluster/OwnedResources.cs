namespace Actors.Runtime.Cluster;

/// <summary>Resources that are freed together, the last first: what was made later may use what was made before.</summary>
internal sealed class OwnedResources : IDisposable
{
    private readonly List<IDisposable> _resources = [];

    public T Add<T>(T resource)
        where T : IDisposable
    {
        _resources.Add(resource);
        return resource;
    }

    public void Dispose()
    {
        for (int i = _resources.Count - 1; i >= 0; i--)
        {
            _resources[i].Dispose();
        }
    }
}
