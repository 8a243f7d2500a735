using Actors.Cpu;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Tensors;

namespace Actors.Model.Tests.Parameters;

public sealed class ModelCheckpointTests : IDisposable
{
    private static readonly ModelConfig Tied = TinyModel.DefaultConfig with { TieWordEmbeddings = true };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_one_placement_saves_another_loads()
    {
        using var saved = new TinyModel(new CpuBackend(), 4, 2, seed: 1);
        Save(saved, ModelCheckpoint.Tensors(saved.Config));
        using var loaded = new TinyModel(new CpuBackend(), 1, 1, seed: 2);
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        ModelCheckpoint.Check(reader, loaded.Config);
        ModelCheckpoint.Load(loaded.Stream, reader, loaded.Weights);
        Assert.Equal(ByName(saved), ByName(loaded));
    }

    [Fact]
    public void A_part_loads_only_its_own_tensors()
    {
        using var saved = new TinyModel(new CpuBackend(), seed: 1);
        Save(saved, ModelCheckpoint.Tensors(saved.Config));
        using var part = new ModelWeights(
            saved.Backend, saved.Config, new ModelPart([2], HasEmbedding: false, HasHead: false, [new ExpertRange(6, 2)]));
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        ModelCheckpoint.Load(saved.Stream, reader, part);
        Tensor down = saved.Weights.Layers[2].Experts[0].Down.Values;
        Assert.Equal(
            down.RowRange(6 * saved.Config.HiddenSize, 2 * saved.Config.HiddenSize).AsSpan<float>().ToArray(),
            part.Layers[0].Experts[0].Down.Values.AsSpan<float>().ToArray());
    }

    [Fact]
    public void A_tensor_of_any_size_passes_through_one_buffer()
    {
        // 48 MB, of which a buffer takes 16.
        ModelConfig config = TinyModel.DefaultConfig with { VocabularySize = 600_000 };
        using var backend = new CpuBackend();
        using IStream stream = backend.CreateStream("moves");
        using var saved = new ModelWeights(backend, config, new ModelPart([], HasEmbedding: true, HasHead: false, []));
        using var loaded = new ModelWeights(backend, config, saved.Part);
        Span<float> values = saved.Embedding!.Values.AsSpan<float>();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = i;
        }

        using (CheckpointWriter writer = CheckpointWriter.Create(_folder.Path, [new SafetensorsTensor("model.embed_tokens.weight", SafetensorsType.F32, [600_000, 20])]))
        {
            ModelCheckpoint.Save(stream, writer, saved);
            writer.Commit();
        }

        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelCheckpoint.Load(stream, reader, loaded);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 20_000_000);
        Assert.Equal(48_000_000, reader.BytesRead);
        Assert.True(values.SequenceEqual(loaded.Embedding!.Values.AsSpan<float>()));
    }

    [Fact]
    public void A_tied_head_is_saved_once_and_loads()
    {
        using var saved = new TinyModel(new CpuBackend(), 4, 2, seed: 1, Tied);
        Save(saved, ModelCheckpoint.Tensors(Tied));
        using var loaded = new TinyModel(new CpuBackend(), 1, 1, seed: 2, Tied);
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        Assert.False(reader.Contains("lm_head.weight"));
        ModelCheckpoint.Check(reader, Tied);
        ModelCheckpoint.Load(loaded.Stream, reader, loaded.Weights);
        Assert.Equal(ByName(saved), ByName(loaded));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tied_model_may_hold_its_matrix_twice_but_not_two_matrices(bool isSame)
    {
        using var model = new TinyModel(new CpuBackend(), seed: 1);
        if (isSame)
        {
            model.Weights.Embedding!.Values.AsSpan<float>().CopyTo(model.Weights.Head!.Values.AsSpan<float>());
        }

        Save(model, ModelCheckpoint.Tensors(model.Config));
        if (!isSame)
        {
            Assert.Contains("lm_head.weight that differs from model.embed_tokens.weight (first at row 0, column 0)", Error(Tied));
            return;
        }

        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        ModelCheckpoint.Check(reader, Tied);
        using var tied = new TinyModel(new CpuBackend(), seed: 2, config: Tied);
        ModelCheckpoint.Load(tied.Stream, reader, tied.Weights);
        Assert.Equal(model.Weights.Embedding!.Values.AsSpan<float>().ToArray(), tied.Weights.Head!.Values.AsSpan<float>().ToArray());
    }

    [Fact]
    public void Without_shared_experts_there_are_no_tensors_of_them() =>
        Assert.DoesNotContain(
            ModelCheckpoint.Tensors(TinyModel.DefaultConfig with { SharedExperts = 0 }),
            tensor => tensor.Name.Contains("shared_experts", StringComparison.Ordinal));

    [Fact]
    public void A_missing_tensor_is_named()
    {
        using var model = new TinyModel(new CpuBackend());
        Save(model, [.. ModelCheckpoint.Tensors(model.Config).Where(tensor => tensor.Name != "model.norm.weight")]);
        Assert.Contains("model.norm.weight", Error(model.Config));
    }

    [Fact]
    public void An_extra_tensor_is_named()
    {
        using var model = new TinyModel(new CpuBackend());
        Save(model, [.. ModelCheckpoint.Tensors(model.Config), new SafetensorsTensor("model.layers.2.extra", SafetensorsType.F32, [2])]);
        Assert.Contains("model.layers.2.extra", Error(model.Config));
    }

    [Fact]
    public void A_tensor_of_another_shape_is_named_with_both()
    {
        using var model = new TinyModel(new CpuBackend());
        Save(model, ModelCheckpoint.Tensors(model.Config));
        string error = Error(model.Config with { VocabularySize = 24 });
        Assert.Contains("model.embed_tokens.weight", error);
        Assert.Contains("[23, 20]", error);
        Assert.Contains("[24, 20]", error);
    }

    private static Dictionary<string, float[]> ByName(TinyModel model) => model.Weights.Blocks
        .SelectMany(block => block.Tensors.Select(tensor => (tensor.Name, ParameterBlock.View(block.Values, tensor).AsSpan<float>().ToArray())))
        .OrderBy(pair => pair.Name, StringComparer.Ordinal)
        .ToDictionary();

    private string Error(ModelConfig config)
    {
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        return Assert.Throws<CheckpointException>(() => ModelCheckpoint.Check(reader, config)).Message;
    }

    /// <summary>Writes the listed tensors: the model's values, or zeros where it has none of the name.</summary>
    private void Save(TinyModel model, IReadOnlyList<SafetensorsTensor> tensors)
    {
        using CheckpointWriter writer = CheckpointWriter.Create(_folder.Path, tensors);
        Dictionary<string, float[]> values = ByName(model);
        if (tensors.Count == values.Count && tensors.All(tensor => values.ContainsKey(tensor.Name)))
        {
            ModelCheckpoint.Save(model.Stream, writer, model.Weights);
        }
        else
        {
            foreach (SafetensorsTensor tensor in tensors)
            {
                writer.WriteFloats(tensor.Name, values.GetValueOrDefault(tensor.Name) ?? new float[tensor.Count]);
            }
        }

        writer.Commit();
    }
}
