using Akka.Configuration;
using Akka.Dispatch;

namespace Actors.Runtime.Dispatching;

/// <summary>
/// Makes the threads of a dispatcher that HOCON gives <c>type = Dispatcher</c> and this class as <c>executor</c>; the dispatcher's
/// own key <c>threads</c> says how many. Akka asks again after it has shut an idle dispatcher down.
/// </summary>
/// <param name="config">The dispatcher's section.</param>
/// <param name="prerequisites">Of the actor system.</param>
public sealed class WorkerPoolConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : ExecutorServiceConfigurator(config, prerequisites)
{
    /// <inheritdoc/>
    /// <exception cref="ConfigurationException">The section has no number of threads above 0.</exception>
    public override ExecutorService Produce(string id)
    {
        int threads = Config.GetInt("threads");
        return threads > 0
            ? new WorkerPool(id, threads)
            : throw new ConfigurationException($"{id}.threads is {threads}, but must be a whole number of 1 or more.");
    }
}
