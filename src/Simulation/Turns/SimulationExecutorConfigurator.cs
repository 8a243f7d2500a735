using Akka.Configuration;
using Akka.Dispatch;

namespace Actors.Simulation.Turns;

/// <summary>
/// Lets the loop of the system's <see cref="SimulationSetup"/> take the turns of a dispatcher that HOCON gives <c>type = Dispatcher</c>
/// and this class as <c>executor</c>.
/// </summary>
/// <param name="config">The dispatcher's section.</param>
/// <param name="prerequisites">Of the actor system.</param>
public sealed class SimulationExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : ExecutorServiceConfigurator(config, prerequisites)
{
    /// <inheritdoc/>
    /// <exception cref="ConfigurationException">The system was made without a <see cref="SimulationSetup"/>.</exception>
    public override ExecutorService Produce(string id) => new LoopExecutor(id, LoopOf(Prerequisites));

    private static SimulationLoop LoopOf(IDispatcherPrerequisites prerequisites)
    {
        SimulationLoop loop = SimulationSetup.Of(prerequisites.Settings).Loop;
        (prerequisites.Scheduler as VirtualScheduler)?.Attach(loop);
        return loop;
    }

    private sealed class LoopExecutor(string id, SimulationLoop loop) : ExecutorService(id)
    {
        public override void Execute(IRunnable run) => loop.Add(run);

        public override void Shutdown()
        {
            // The loop has no thread of its own to end.
        }
    }
}
