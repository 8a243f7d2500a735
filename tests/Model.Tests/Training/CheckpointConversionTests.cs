using Actors.Model.Checkpoint;
using Actors.Model.Training;

namespace Actors.Model.Tests.Training;

/// <summary>A model's folder in another form holds the same values.</summary>
public sealed class CheckpointConversionTests : IDisposable
{
    private static readonly CheckpointForm OneFile = new(1, long.MaxValue, null);
    private readonly TemporaryFolder _folder = new();

    public CheckpointConversionTests()
    {
        Directory.CreateDirectory(PathOf("source"));
        StoredModel.Write(PathOf("source"));
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void As_many_files_as_asked_for_and_back_have_equal_values(int shards)
    {
        CheckpointConversion.Convert(PathOf("source"), PathOf("shards"), OneFile with { Shards = shards });
        CheckpointConversion.Convert(PathOf("shards"), PathOf("one"), OneFile);

        Assert.Equal(shards, Directory.GetFiles(PathOf("shards"), "model-*.safetensors").Length);
        Assert.Equal(["config.json", "model.safetensors"], Directory.GetFiles(PathOf("one")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        AssertSame("source", "shards");
        AssertSame("source", "one");
    }

    [Fact]
    public void Files_are_no_larger_than_asked_for()
    {
        CheckpointConversion.Convert(PathOf("source"), PathOf("shards"), new CheckpointForm(null, 8000, null));

        Assert.All(Directory.GetFiles(PathOf("shards"), "*.safetensors"), file => Assert.InRange(TensorBytes(file), 1, 8000));
        AssertSame("source", "shards");
    }

    [Fact]
    public void Rounded_to_bfloat16_the_values_stay_as_they_are_from_then_on()
    {
        CheckpointConversion.Convert(PathOf("source"), PathOf("small"), OneFile with { Type = SafetensorsType.BF16 });
        CheckpointConversion.Convert(PathOf("small"), PathOf("wide"), OneFile with { Type = SafetensorsType.F32 });
        CheckpointConversion.Convert(PathOf("wide"), PathOf("again"), OneFile with { Type = SafetensorsType.BF16 });

        AssertSame("small", "again");
        SortedDictionary<string, (SafetensorsType Type, float[] Values)> small = StoredModel.Read(PathOf("small")), wide = StoredModel.Read(PathOf("wide"));
        foreach ((string name, (SafetensorsType type, float[] values)) in small)
        {
            Assert.Equal(name.EndsWith("e_score_correction_bias", StringComparison.Ordinal) ? SafetensorsType.F32 : SafetensorsType.BF16, type);
            Assert.Equal(values, wide[name].Values);
        }

        Assert.Contains("\"dtype\": \"bfloat16\"", File.ReadAllText(Path.Combine(PathOf("small"), HubConfig.FileName)), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_replaced_and_a_failure_leaves_nothing()
    {
        Directory.CreateDirectory(PathOf("mine"));
        File.WriteAllText(Path.Combine(PathOf("mine"), "notes.txt"), "mine");
        CheckpointException refused = Assert.Throws<CheckpointException>(() => CheckpointConversion.Convert(PathOf("source"), PathOf("mine"), OneFile));
        Assert.Contains("is there already, and nothing is replaced", refused.Message, StringComparison.Ordinal);

        StoredModel.Write(PathOf("source"), change: (_, values) => values[^1] = float.PositiveInfinity);
        Assert.Throws<CheckpointException>(() => CheckpointConversion.Convert(PathOf("source"), PathOf("broken"), OneFile));

        Assert.Equal(["mine", "source"], Directory.GetDirectories(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(PathOf("mine"), "notes.txt")));
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);

    private static long TensorBytes(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return file.Tensors.Values.Sum(tensor => tensor.Bytes);
    }

    private void AssertSame(string expected, string actual)
    {
        SortedDictionary<string, (SafetensorsType Type, float[] Values)> a = StoredModel.Read(PathOf(expected)), b = StoredModel.Read(PathOf(actual));
        Assert.Equal(a.Keys, b.Keys);
        Assert.All(a.Zip(b), pair =>
        {
            Assert.Equal(pair.First.Value.Type, pair.Second.Value.Type);
            Assert.Equal(pair.First.Value.Values, pair.Second.Value.Values);
        });
    }
}
