using Akka.Actor;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>The requests of a cluster in the order in which they came, as its leader sees them.</summary>
/// <param name="most">Most requests at a time; one more is refused.</param>
internal sealed class ServedRequests(int most)
{
    private readonly List<ServedRequest> _requests = [];

    /// <summary>Whether no more are taken.</summary>
    public bool IsFull => _requests.Count >= most;

    /// <summary>Most requests at a time.</summary>
    public int Most => most;

    /// <summary>Those that a gateway answers.</summary>
    public IEnumerable<ServedRequest> Running => In(RequestState.Running);

    /// <summary>The first that waits for a gateway; null: none does.</summary>
    public ServedRequest? NextWaiting => _requests.Find(static request => request.State == RequestState.Waiting);

    /// <summary>All.</summary>
    public IReadOnlyList<ServedRequest> All => _requests;

    public ServedRequest? Find(string id) => _requests.Find(request => request.Id == id);

    public void Add(ServedRequest request) => _requests.Add(request);

    public void Remove(IActorRef actor) => _requests.RemoveAll(request => request.Actor.Equals(actor));

    /// <summary>Those in a state, as they are now.</summary>
    public IEnumerable<ServedRequest> In(RequestState state) => [.. _requests.Where(request => request.State == state)];
}

/// <summary>Where a request stands.</summary>
internal enum RequestState
{
    /// <summary>Its tokens come.</summary>
    Collecting,

    /// <summary>It waits for a gateway.</summary>
    Waiting,

    /// <summary>A gateway answers.</summary>
    Running,

    /// <summary>It is kept until its caller has the end.</summary>
    Over,
}

/// <summary>A request.</summary>
/// <param name="Id">Its name.</param>
/// <param name="From">Folder whose values it wants; null: those that the settings name.</param>
/// <param name="Actor">Its actor.</param>
internal sealed record ServedRequest(string Id, string? From, IActorRef Actor)
{
    /// <summary>Where it stands.</summary>
    public RequestState State { get; set; }
}
