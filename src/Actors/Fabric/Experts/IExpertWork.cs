using Actors.Tensors;

namespace Actors.Runtime.Fabric.Experts;

/// <summary>What an expert shard computes once its rows are there; the model's experts, or identities in a load test.</summary>
public interface IExpertWork : IDisposable
{
    /// <summary>Where the work is enqueued.</summary>
    IStream Stream { get; }

    /// <summary>Whether who goes on behind the work is ordered by the device: then it is done when it is enqueued.</summary>
    bool IsOrdered => false;

    /// <summary>Fills the window's forward partial sums from its rows, local choices and weights.</summary>
    void Forward(int exchange, ReceiveWindow window);

    /// <summary>Fills the window's backward partial sums and weight gradients from its gradient rows.</summary>
    void BackwardInput(int exchange, ReceiveWindow window);

    /// <summary>Adds the exchange's weight gradients to the shard's, and lets go of what was kept for it.</summary>
    void BackwardWeights(int exchange);
}
