using Actors.Runtime.Dispatching;
using Actors.Simulation.Turns;
using Akka.Actor;

namespace Actors.Simulation.Faults;

/// <summary>Does background work in the loop: it is really done at a time that the seed draws, and said to be done later.</summary>
/// <param name="loop">Whose time it takes.</param>
/// <param name="network">Knows whose it is, and draws times.</param>
/// <param name="done">Is told when a process's work has ended.</param>
internal sealed class SimulatedBackground(SimulationLoop loop, SimulatedNetwork network, Action<SimulatedProcess> done) : IBackgroundWork
{
    public Task<T> RunAsync<T>(IActorRef actor, Func<Task<T>> work, CancellationToken cancellation)
    {
        var completion = new TaskCompletionSource<T>();
        SimulatedProcess process = network.ProcessAt(actor.Path)!;
        loop.At(loop.Now + network.DrawDelay(), () => Begin(process, work, completion, cancellation), process.Turns);
        return completion.Task;
    }

    private async void Begin<T>(SimulatedProcess process, Func<Task<T>> work, TaskCompletionSource<T> completion, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            T result = await work().ConfigureAwait(false);
            loop.At(loop.Now + network.DrawDelay(), () =>
            {
                done(process);
                completion.SetResult(result);
            }, process.Turns);
        }
        catch (Exception failure)
        {
            loop.At(loop.Now, () => completion.SetException(failure), process.Turns);
        }
    }
}
