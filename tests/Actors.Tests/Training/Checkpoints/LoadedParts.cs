using System.Globalization;
using System.Text.RegularExpressions;
using Actors.Cpu;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Training;
using Actors.Runtime.Cluster;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training.Checkpoints;

/// <summary>What processes read of a model's folder: the tensors that their own ranks hold, each byte once.</summary>
public sealed partial class LoadedParts : IDisposable
{
    /// <summary>Two stages of two layers; the 16 experts of a layer on four ranks in two nodes. Matrices have several blocks of 128 x 128.</summary>
    private static readonly RunPlan Plan = TrainingFixture.SmallPlan with
    {
        Model = TestModels.Small(layers: 4) with { HiddenSize = 160 },
        Schedule = "1f1b",
        SeparatesNodes = true,
    };

    private readonly CpuBackend _backend = new();
    private readonly TemporaryFolder _folder = new();

    public LoadedParts()
    {
        using IStream stream = _backend.CreateStream("saves");
        using var model = new ModelWeights(_backend, Plan.Model, ModelPart.Whole(Plan.Model, new ExpertPlacement(Plan.Model.RoutedExperts, 1, 1)));
        model.Initialize(stream, seed: 1);
        using CheckpointWriter writer = CheckpointWriter.Create(_folder.File("float32"), ModelCheckpoint.Tensors(Plan.Model), maxShardBytes: 100_000);
        ModelCheckpoint.Save(stream, writer, model);
        writer.Commit();
        HubConfig.Create(Plan.Model).Write(Path.Combine(_folder.File("float32"), HubConfig.FileName));
    }

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SafetensorsType.BF16)]
    [InlineData(SafetensorsType.E4M3)]
    public void Each_process_reads_what_its_ranks_hold(SafetensorsType? type)
    {
        string folder = _folder.File("model");
        CheckpointConversion.Convert(_folder.File("float32"), folder, new CheckpointForm(null, 100_000, type));

        foreach (int[] nodes in (int[][])[[0], [1], [2], [3], [0, 3], [0, 1, 2, 3]])
        {
            using var host = new TrainingHost(Plan, new RunDevices(_backend, () => new HostLink()), TimeProvider.System, share: new HostShare([.. nodes]));
            Assert.Equal(nodes.Sum(node => BytesOf(folder, node)), TrainingCheckpoint.LoadModel(folder, host.Parts()).BytesRead);
        }
    }

    /// <summary>Bytes of a node by the headers: nodes 0 and 1 have the first stage, each with eight experts a layer, 2 and 3 the last.</summary>
    private static long BytesOf(string folder, int node)
    {
        (int stage, int firstExpert) = (node / 2, node % 2 * 8);
        long bytes = 0;
        foreach (string path in Directory.GetFiles(folder, "*.safetensors"))
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            foreach (SafetensorsTensor tensor in file.Tensors.Values)
            {
                Match match = Layer().Match(tensor.Name);
                bool isHeld = !match.Success
                    ? stage == (tensor.Name == "model.embed_tokens.weight" ? 0 : 1)
                    : Number(match.Groups[1]) / 2 == stage && (!match.Groups[2].Success || (uint)(Number(match.Groups[2]) - firstExpert) < 8);
                bytes += isHeld ? tensor.Bytes : 0;
            }
        }

        return bytes;
    }

    private static int Number(Group group) => int.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^model\.layers\.(\d+)\.(?:mlp\.experts\.(\d+)\.)?")]
    private static partial Regex Layer();
}
