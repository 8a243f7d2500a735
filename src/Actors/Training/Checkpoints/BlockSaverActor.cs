using Actors.Model.Parameters;
using Actors.Model.Training;
using Akka.Actor;

namespace Actors.Runtime.Training.Checkpoints;

/// <summary>
/// Writes the blocks that ranks of its process own into a checkpoint's folder. It does so in a thread of its own, so that threads of
/// ranks do not wait for the disk; no step runs meanwhile.
/// </summary>
/// <param name="host">What lives in the process.</param>
internal sealed class BlockSaverActor(TrainingHost host) : UntypedActor
{
    private readonly Lazy<IReadOnlyList<BlockHome>> _homes = new(() => BlockHome.Of(host.Plan, host.Layout, host.TrainingTimetable.Placement));

    protected override void OnReceive(object message)
    {
        if (message is SaveBlocks save)
        {
            Task writing = Task.Run(() => Write(save));
            host.Saving = Task.WhenAny(writing);
            writing.PipeTo(Sender, Self, static () => new BlocksSaved(), static failure => new BlocksSaved(failure.Message));
        }
        else
        {
            Unhandled(message);
        }
    }

    private void Write(SaveBlocks save)
    {
        BlockHome[] own = [.. _homes.Value.Where(home => save.Writers[host.Plan.NodeOf(home.Rank)] == save.Writer)];
        ParameterBlock[] blocks = [.. own.Select(home => host.BlockAt(home.Rank, home.Number))];
        TrainedBlock[] moments = [.. own.Zip(blocks).Where(entry => entry.First.IsTrained).Select(entry => host.MomentsAt(entry.First.Rank, entry.Second))];
        TrainingCheckpoint.Write(
            save.Folder, BlockHome.Divide(host.Plan, _homes.Value, save.Writers), save.Writer, host.Domains[0].Stream, blocks, moments);
    }
}
