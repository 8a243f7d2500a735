using System.Collections.Immutable;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Runtime.Cluster;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training.Checkpoints;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Training;

/// <summary>A run's actors in one process: its nodes and its coordinator, over one data plane.</summary>
public sealed class ActorRun
{
    private readonly TrainingHost _host;

    private ActorRun(TrainingHost host, IActorRef coordinator)
    {
        _host = host;
        Coordinator = coordinator;
    }

    /// <summary>Takes <see cref="Train"/>, <see cref="RunBatch"/> and <see cref="StopTraining"/>.</summary>
    public IActorRef Coordinator { get; }

    /// <summary>Makes a node actor for each node of the plan, and the coordinator, which places the ranks.</summary>
    /// <param name="system">Where they live.</param>
    /// <param name="host">What lives in this process; dispose it after the system has terminated.</param>
    /// <param name="options">How to train.</param>
    public static ActorRun Start(ActorSystem system, TrainingHost host, TrainerOptions options)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        host.Open(options.Batches);
        ImmutableArray<IActorRef> nodes = RunNodes.Start(system, host, "node");
        IActorRef saver = system.ActorOf(Props.Create(() => new BlockSaverActor(host)), "saver");
        ImmutableArray<RunProcess> processes = [new RunProcess([.. Enumerable.Range(0, host.Plan.Nodes)], saver)];
        return new ActorRun(host, system.ActorOf(
            Props.Create(() => new CoordinatorActor(host.Plan, host.Catalog, options, host.Telemetry, nodes, processes)), "coordinator"));
    }

    /// <summary>Runs a batch and waits for its end.</summary>
    /// <exception cref="InvalidOperationException">The run failed; the message says why.</exception>
    public async Task<BatchCompleted> RunAsync(RunBatch batch, CancellationToken cancellation = default)
    {
        object answer = await Coordinator.Ask<object>(batch, cancellation).ConfigureAwait(false);
        return answer switch
        {
            BatchCompleted completed => completed,
            RunFailed failed => throw new InvalidOperationException(failed.Reason),
            _ => throw new InvalidOperationException($"The coordinator answered {answer.GetType().Name} to a batch."),
        };
    }

    /// <summary>The gradients of the last batch that computed them, summed over all ranks, in model order.</summary>
    public IEnumerable<(ParameterBlock Block, Tensor Gradient)> Gradients() =>
        _host.Owners().Select(entry => (entry.Owned.Block, entry.Owned.Reduced));

    /// <summary>Kept logits of one sequence of the last capturing batch (length, vocabulary).</summary>
    /// <param name="sequence">Number in the batch.</param>
    public HostTensor Logits(int sequence) => Locate(sequence, _host.Plan.Stages - 1, (tokens, microBatch) => tokens.Logits(microBatch));

    /// <summary>Kept expert choices of one sequence in a layer with experts, Int32 (length, K).</summary>
    /// <param name="layer">Layer of the model.</param>
    /// <param name="sequence">Number in the batch.</param>
    public HostTensor Experts(int layer, int sequence) =>
        Locate(sequence, _host.Layout.StageOfLayer(layer), (tokens, microBatch) => tokens.Experts(layer, microBatch));

    /// <summary>Finds the rank that has played a stage for a sequence, and the sequence's rows of its chunk.</summary>
    private HostTensor Locate(int sequence, int stage, Func<StepTokens, int, HostTensor> rows)
    {
        RunPlan plan = _host.Plan;
        BatchPlan batch = StepTokens.BatchOf(plan, plan.Sequences);
        for (int m = 0; m < batch.MicroBatches; m++)
        {
            for (int e = 0; e < batch.SourceRanks; e++)
            {
                for (int i = 0; i < batch.CountOf(m, e); i++)
                {
                    if (batch.SequenceOf(m, e, i) == sequence % batch.Sequences)
                    {
                        int pipelineRank = _host.TrainingTimetable.Placement.RankOf(stage, m);
                        StepTokens tokens = _host.Tokens(plan.RankOf(sequence / batch.Sequences, pipelineRank, e));
                        return rows(tokens, m).RowRange(i * plan.SequenceLength, plan.SequenceLength);
                    }
                }
            }
        }

        throw new ArgumentOutOfRangeException(nameof(sequence), sequence, $"A batch has {plan.Sequences} sequences.");
    }
}
