using Actors.Model.Parameters;
using Actors.Model.Training;
using Actors.Runtime.Dispatching;
using Actors.Runtime.Training.Copies;
using Akka.Actor;

namespace Actors.Runtime.Training.Checkpoints;

/// <summary>
/// Keeps the state of its process's ranks: writes the blocks that they own, or of which they keep copies, into a checkpoint's folder, and has the
/// ranks hold still for it after a process was lost. It writes in a thread of its own, so that threads of ranks do not wait for the disk; no step
/// runs meanwhile.
/// </summary>
/// <param name="host">What lives in the process.</param>
/// <param name="epoch">The placement.</param>
/// <param name="process">Number of the process in it.</param>
internal sealed class BlockSaverActor(TrainingHost host, int epoch, int process) : UntypedActor
{
    private readonly Lazy<IReadOnlyList<BlockHome>> _homes = new(() => BlockHome.Of(host.Plan, host.Layout, host.TrainingTimetable.Placement));
    private readonly Dictionary<int, StateHeld> _held = [];
    private IActorRef _holder = ActorRefs.Nobody;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SaveBlocks save:
                Save(save);
                break;
            case HoldState or FinishUpdate:
                AskStages(message);
                break;
            case StateHeld held:
                Held(held);
                break;
            case Terminated:
                _holder.Tell(Refusal("one of its ranks has failed"), Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Save(SaveBlocks save)
    {
        Task before = host.Saving;
        Task<BlocksSaved> writing = BackgroundSetup.RunAsync(Context, async () =>
        {
            // For a checkpoint that was given up this process may still write files of the same names.
            await before.ConfigureAwait(false);
            await host.WhenAveraged().ConfigureAwait(false);
            return Write(save);
        });
        host.Saving = Task.WhenAny(writing);
        writing.PipeTo(Sender, Self, failure: static failure => new BlocksSaved(failure.Message));
    }

    private void AskStages(object message)
    {
        _holder = Sender;
        _held.Clear();
        if (!host.LocalRanks.All(host.Addresses.IsKnown))
        {
            _holder.Tell(Refusal("its ranks had not been made"), Self);
            return;
        }

        foreach (int rank in host.LocalRanks)
        {
            IActorRef stage = host.Addresses[rank].Stage;
            Context.Watch(stage);
            stage.Tell(message, Self);
        }
    }

    private void Held(StateHeld held)
    {
        _held[held.Rank] = held;
        if (_held.Count == host.LocalRanks.Count())
        {
            StateHeld newest = _held.Values.MaxBy(StepOf)!;
            _holder.Tell(new ShareHeld(epoch, process, _held.Values.Min(StepOf), newest.Last, newest.Latest, Refusal: null, Self), Self);
        }
    }

    private ShareHeld Refusal(string reason) => new(epoch, process, Oldest: 0, Newest: null, Latest: [], reason, Self);

    private static int StepOf(StateHeld held) => held.Last?.Step.Step ?? 0;

    private BlocksSaved Write(SaveBlocks save)
    {
        BlockHome[] own = [.. _homes.Value.Where(home => save.Writers[host.Plan.NodeOf(home.Rank)] == save.Writer)];
        ParameterBlock[] blocks = [.. own.Select(home => host.BlockAt(home.Rank, home.Number))];
        TrainedBlock[] moments = [.. own.Zip(blocks).Where(entry => entry.First.IsTrained).Select(entry => host.MomentsAt(entry.First.Rank, entry.Second))];
        host.WriteBlocks(save.Folder, BlockHome.Divide(host.Plan, _homes.Value, save.Writers), save.Writer, host.Domains[0].Stream, blocks, moments);
        return new BlocksSaved();
    }
}
