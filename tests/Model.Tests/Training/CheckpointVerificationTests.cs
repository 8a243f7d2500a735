using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Model.Training;

namespace Actors.Model.Tests.Training;

/// <summary>A whole checkpoint is told from one with a fault, which is named with its file and tensor.</summary>
public sealed class CheckpointVerificationTests : IDisposable
{
    private const string Norm = "model.layers.1.input_layernorm.weight";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(4000)]
    public void What_is_whole_is_counted(long maxShardBytes)
    {
        StoredModel.Write(_folder.Path, maxShardBytes);

        VerifiedCheckpoint whole = CheckpointVerification.Verify(_folder.Path);

        IReadOnlyList<SafetensorsTensor> tensors = ModelCheckpoint.Tensors(TinyModel.DefaultConfig);
        Assert.Equal(new VerifiedCheckpoint(_folder.Path, tensors.Count, tensors.Sum(tensor => tensor.Bytes), null), whole);
    }

    [Fact]
    public void A_value_that_is_not_finite_is_named()
    {
        StoredModel.Write(_folder.Path, change: (name, values) => values[3] = name == Norm ? float.NaN : values[3]);

        AssertFault("model.safetensors", $"{Norm}: the value at [3] is NaN");
    }

    [Fact]
    public void A_shape_that_config_json_does_not_want_is_named()
    {
        StoredModel.Write(_folder.Path);
        HubConfig.Create(TinyModel.DefaultConfig with { KeyValueRank = 11 }).Write(_folder.File(HubConfig.FileName));

        AssertFault("model.safetensors", "kv_a_proj_with_mqa.weight: has shape [14, 20], the model's config.json wants [15, 20]");
    }

    [Fact]
    public void A_torn_file_is_named()
    {
        StoredModel.Write(_folder.Path, 4000);
        string torn = _folder.File(_folder.FileNames().First(name => name.StartsWith("model-00002", StringComparison.Ordinal)));
        using (FileStream file = File.OpenWrite(torn))
        {
            file.SetLength(file.Length - 1);
        }

        AssertFault(Path.GetFileName(torn), "");
    }

    [Fact]
    public void A_tensor_that_the_index_does_not_know_is_named()
    {
        StoredModel.Write(_folder.Path, 4000);
        string index = _folder.File("model.safetensors.index.json");
        File.WriteAllLines(index, File.ReadAllLines(index).Where(line => !line.Contains(Norm, StringComparison.Ordinal)));

        AssertFault("", $"has no tensor {Norm}; model-");
    }

    private void AssertFault(string file, string fault)
    {
        CheckpointException failure = Assert.Throws<CheckpointException>(() => CheckpointVerification.Verify(_folder.Path));
        Assert.StartsWith(Path.Combine(_folder.Path, file), failure.Path, StringComparison.Ordinal);
        Assert.Contains(fault, failure.Message, StringComparison.Ordinal);
    }
}
