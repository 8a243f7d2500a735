using Actors.Runtime.Cluster.Serialization;

namespace Actors.Runtime.Cluster.Processes.Serving;

/// <summary>What a caller sends about a request for text.</summary>
public interface IInferenceRequest : IControlMessage
{
    /// <summary>Names the request, in the whole cluster.</summary>
    string Id { get; }
}
