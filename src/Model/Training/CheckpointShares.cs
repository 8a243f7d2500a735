using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Tensors;

namespace Actors.Model.Training;

/// <summary>
/// How the files of a run's checkpoint are divided over those that write it, such as the processes of a run: each writes the blocks that it
/// owns. All work it out alike from the same owners, so nobody has to say which files there will be.
/// </summary>
public sealed class CheckpointShares
{
    internal const string FirstPrefix = "first.";
    internal const string SecondPrefix = "second.";

    /// <summary>Divides the tensors.</summary>
    /// <param name="config">The model.</param>
    /// <param name="writers">Number of writers.</param>
    /// <param name="writerOf">Who writes a tensor of the hub's name and its moments, from 0.</param>
    /// <param name="moments">How moments are stored: Float32 or BFloat16.</param>
    public CheckpointShares(ModelConfig config, int writers, Func<string, int> writerOf, ElementType moments = ElementType.Float32)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(writerOf);
        Model = Divide("");
        Moments = Divide(FirstPrefix, SecondPrefix);

        CheckpointFiles Divide(params ReadOnlySpan<string> prefixes)
        {
            List<SafetensorsTensor>[] shares = [.. Enumerable.Range(0, writers).Select(_ => new List<SafetensorsTensor>())];
            foreach (string prefix in prefixes)
            {
                foreach (SafetensorsTensor tensor in ModelCheckpoint.Tensors(config, prefix, trainedOnly: prefix.Length > 0, prefix.Length > 0 ? FileType(moments) : SafetensorsType.F32))
                {
                    shares[writerOf(tensor.Name[prefix.Length..])].Add(tensor);
                }
            }

            return CheckpointFiles.Of(shares);
        }
    }

    /// <summary>Whether the average of the values is a part of the checkpoint, a model of its own.</summary>
    public bool HasAverage { get; init; }

    /// <summary>The files of the values.</summary>
    internal CheckpointFiles Model { get; }

    /// <summary>The files of the moments.</summary>
    internal CheckpointFiles Moments { get; }

    /// <summary>One writer for all.</summary>
    public static CheckpointShares Whole(ModelConfig config, ElementType moments = ElementType.Float32, bool hasAverage = false) =>
        new(config, 1, static _ => 0, moments) { HasAverage = hasAverage };

    /// <summary>How a file stores moments.</summary>
    internal static SafetensorsType FileType(ElementType moments) => moments == ElementType.BFloat16 ? SafetensorsType.BF16 : SafetensorsType.F32;
}
