namespace Actors.Runtime.Pipeline;

/// <summary>
/// Numbers the exchanges of an expert group: one for each layer that its pipeline rank holds and each micro-batch. The same
/// on every rank of the group, so a number in a message is understood everywhere.
/// </summary>
/// <param name="stages">Stages that the pipeline rank holds, ascending.</param>
/// <param name="layersPerStage">Layers of the largest stage.</param>
/// <param name="microBatches">Micro-batches of a step.</param>
public sealed class ExchangeSpace(IReadOnlyList<int> stages, int layersPerStage, int microBatches)
{
    /// <summary>How many numbers there are.</summary>
    public int Count => stages.Count * layersPerStage * microBatches;

    /// <summary>The number of an exchange.</summary>
    public int Of(int stage, int layer, int microBatch) =>
        (((IndexOf(stage) * layersPerStage) + layer) * microBatches) + microBatch;

    /// <summary>Stage, layer inside the stage and micro-batch of a number, for messages to people and for the shard.</summary>
    public (int Stage, int Layer, int MicroBatch) Parts(int exchange)
    {
        int layer = exchange / microBatches;
        return (stages[layer / layersPerStage], layer % layersPerStage, exchange % microBatches);
    }

    private int IndexOf(int stage)
    {
        for (int i = 0; i < stages.Count; i++)
        {
            if (stages[i] == stage)
            {
                return i;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(stage), stage, "The rank doesn't hold this stage.");
    }
}
