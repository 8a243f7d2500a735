using Actors.Cpu;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Training;

namespace Actors.Model.Tests.Parameters;

/// <summary>Multi-token-prediction modules in the hub's layout: layers behind the model's last, which hold embedding and head once more.</summary>
public sealed class PredictionCheckpoints : IDisposable
{
    private static readonly ModelConfig Config = TinyModel.DefaultConfig with { PredictLayers = 2 };

    private readonly TemporaryFolder _folder = new();
    private readonly TinyModel _model = new(new CpuBackend(), 2, 1, seed: 1, Config);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Modules_are_saved_with_the_copies_that_others_read_and_load_in_another_placement()
    {
        Save(_ => true);
        using var loaded = new TinyModel(new CpuBackend(), 1, 1, seed: 2, Config);
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        Assert.Empty(ModelCheckpoint.Check(reader, Config));
        ModelCheckpoint.Load(loaded.Stream, reader, loaded.Weights);

        Assert.Equal(Values(_model), Values(loaded));
        foreach (int layer in (int[])[3, 4])
        {
            Assert.Equal([20, 40], reader.Find($"model.layers.{layer}.eh_proj.weight").Shape);
            Assert.Equal(Floats(reader, "model.embed_tokens.weight"), Floats(reader, $"model.layers.{layer}.embed_tokens.weight"));
            Assert.Equal(Floats(reader, "lm_head.weight"), Floats(reader, $"model.layers.{layer}.shared_head.head.weight"));
        }
    }

    [Fact]
    public void Copies_may_be_missing_and_must_not_differ()
    {
        Save(name => !name.EndsWith("embed_tokens.weight", StringComparison.Ordinal) || name == "model.embed_tokens.weight");
        using (CheckpointReader reader = CheckpointReader.Open(_folder.Path))
        {
            Assert.Empty(ModelCheckpoint.Check(reader, Config));
        }

        Save(_ => true, changed: "model.layers.4.shared_head.head.weight");
        using CheckpointReader other = CheckpointReader.Open(_folder.Path);
        string message = Assert.Throws<CheckpointException>(() => ModelCheckpoint.Check(other, Config)).Message;
        Assert.Contains("holds a model.layers.4.shared_head.head.weight that differs from lm_head.weight (first at row 0, column 0)", message);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 5)]
    public void Copies_are_read_and_compared_by_who_holds_the_original(bool hasEmbedding, int timesRead)
    {
        // The embedding's holder reads it to have it, and for each module it and the copy to compare them.
        Save(_ => true);
        var part = new ModelPart([1], hasEmbedding, HasHead: false, [new ExpertRange(2, 3)]);
        using var weights = new ModelWeights(_model.Backend, Config, part);
        using var layer = new ModelWeights(_model.Backend, Config, part with { HasEmbedding = false });
        long held = layer.Blocks.Sum(block => block.Values.Count) + (timesRead * 23 * 20);

        Assert.Equal(held * sizeof(float), TrainingCheckpoint.LoadModel(_folder.Path, [(_model.Stream, weights)]).BytesRead);

        Save(_ => true, changed: "model.layers.4.embed_tokens.weight");
        Exception? failure = Record.Exception(() => TrainingCheckpoint.LoadModel(_folder.Path, [(_model.Stream, weights)]));
        Assert.Equal(hasEmbedding, failure is CheckpointException);
    }

    [Fact]
    public void A_checkpoint_without_modules_is_one_of_a_model_without_them()
    {
        Save(name => !name.StartsWith("model.layers.3.", StringComparison.Ordinal) && !name.StartsWith("model.layers.4.", StringComparison.Ordinal));
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        ModelConfig present = ModelCheckpoint.WithPresentModules(reader, Config);
        Assert.Equal(0, present.PredictLayers);
        Assert.Empty(ModelCheckpoint.Check(reader, present));
    }

    [Fact]
    public void A_module_that_lacks_a_tensor_is_not_taken_for_a_model_without_modules()
    {
        Save(name => name != "model.layers.4.hnorm.weight");
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        ModelConfig present = ModelCheckpoint.WithPresentModules(reader, Config);
        Assert.Equal(2, present.PredictLayers);
        Assert.Contains("model.layers.4.hnorm.weight", Assert.Throws<CheckpointException>(() => ModelCheckpoint.Check(reader, present)).Message);
    }

    [Fact]
    public void Who_leaves_the_modules_out_is_told_which_layers_are_not_read()
    {
        Save(_ => true);
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        Assert.Equal([3, 4], ModelCheckpoint.Check(reader, TinyModel.DefaultConfig));
    }

    [Fact]
    public void A_part_with_modules_needs_embedding_and_head()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => new ModelWeights(
            _model.Backend, Config, new ModelPart([2, 3], HasEmbedding: false, HasHead: true, [new ExpertRange(0, 8)])));
        Assert.Contains("Prediction modules use embedding and output head", refused.Message);
    }

    private static Dictionary<string, float[]> Values(TinyModel model) => model.Weights.Blocks
        .SelectMany(block => block.Tensors.Select(tensor => (tensor.Name, ParameterBlock.View(block.Values, tensor).AsSpan<float>().ToArray())))
        .OrderBy(pair => pair.Name, StringComparer.Ordinal)
        .ToDictionary();

    private static float[] Floats(CheckpointReader reader, string name)
    {
        var values = new float[reader.Find(name).Count];
        reader.ReadFloats(name, values);
        return values;
    }

    /// <summary>Writes the model, all of it as training does, or what is chosen, with one tensor's values negated.</summary>
    private void Save(Func<string, bool> isChosen, string changed = "")
    {
        SafetensorsTensor[] tensors = [.. ModelCheckpoint.Tensors(Config).Where(tensor => isChosen(tensor.Name))];
        using CheckpointWriter writer = CheckpointWriter.Create(_folder.Path, tensors);
        if (tensors.Length == ModelCheckpoint.Tensors(Config).Count && changed.Length == 0)
        {
            ModelCheckpoint.Save(_model.Stream, writer, _model.Weights);
        }
        else
        {
            Dictionary<string, float[]> values = _model.Weights.Blocks
                .SelectMany(block => block.Tensors.Concat(block.Copies).Select(tensor => (tensor.Name, ParameterBlock.View(block.Values, tensor).AsSpan<float>().ToArray())))
                .ToDictionary();
            foreach (SafetensorsTensor tensor in tensors)
            {
                writer.WriteFloats(tensor.Name, tensor.Name == changed ? [.. values[tensor.Name].Select(value => -value)] : values[tensor.Name]);
            }
        }

        writer.Commit();
    }
}
