using Actors.Model.Checkpoint;

namespace Actors.Model.Tests.Checkpoint;

/// <summary>A model's folder with one file or with shards and their index.</summary>
public sealed class CheckpointFolders : IDisposable
{
    private static readonly SafetensorsTensor[] Tensors =
    [
        new("c", SafetensorsType.F32, [3, 2]),
        new("a", SafetensorsType.BF16, [4]),
        new("big", SafetensorsType.F32, [10]),
        new("b", SafetensorsType.F32, [2]),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_fits_is_one_file()
    {
        Write(maxShardBytes: 1000);
        Assert.Equal(["model.safetensors"], _folder.FileNames());
        AssertContents();
    }

    [Fact]
    public void What_does_not_fit_is_split_in_order_and_a_large_tensor_stands_alone()
    {
        Write(maxShardBytes: 32);
        Assert.Equal(
            [
                "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors",
                "model.safetensors.index.json",
            ],
            _folder.FileNames());
        AssertContents();
        using SafetensorsFile second = SafetensorsFile.Open(_folder.File("model-00002-of-00003.safetensors"));
        Assert.Equal(["big"], second.Names);
        Assert.Contains("\"total_size\": 80", File.ReadAllText(_folder.File("model.safetensors.index.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_checkpoint_replaces_one_of_the_other_form()
    {
        Write(maxShardBytes: 1000);
        Write(maxShardBytes: 32);
        Assert.DoesNotContain("model.safetensors", _folder.FileNames());
        AssertContents();
        Write(maxShardBytes: 1000);
        Assert.DoesNotContain("model.safetensors.index.json", _folder.FileNames());
        AssertContents();
    }

    [Fact]
    public void Without_commit_the_folder_keeps_what_it_had()
    {
        using (CheckpointWriter writer = CheckpointWriter.Create(_folder.Path, Tensors, 32))
        {
            writer.WriteFloats("b", [1, 2]);
        }

        Assert.Empty(_folder.FileNames());
        Refused(() => CheckpointReader.Open(_folder.Path), _folder.Path, "has neither model.safetensors nor model.safetensors.index.json");
    }

    [Fact]
    public void A_missing_shard_is_named()
    {
        Write(maxShardBytes: 32);
        File.Delete(_folder.File("model-00002-of-00003.safetensors"));
        Refused(() => CheckpointReader.Open(_folder.Path), "model-00002-of-00003.safetensors", "cannot be read");
    }

    [Fact]
    public void A_torn_shard_is_named()
    {
        Write(maxShardBytes: 32);
        string shard = _folder.File("model-00002-of-00003.safetensors");
        File.WriteAllBytes(shard, File.ReadAllBytes(shard)[..^1]);
        Refused(() => CheckpointReader.Open(_folder.Path), shard, "big", "truncated");
    }

    [Fact]
    public void Index_and_shards_must_agree()
    {
        Write(maxShardBytes: 32);
        string index = _folder.File("model.safetensors.index.json");
        string text = File.ReadAllText(index);
        File.WriteAllText(index, text.Replace("\"big\"", "\"bug\"", StringComparison.Ordinal));
        Refused(() => CheckpointReader.Open(_folder.Path), "model-00002-of-00003.safetensors", "has no tensor bug");
        File.WriteAllText(index, text.Replace("\"b\": \"model-00003", "\"b\": \"../model-00003", StringComparison.Ordinal));
        Refused(() => CheckpointReader.Open(_folder.Path), index, "weight_map.b", "expected the name of a file beside it");
        int entry = text.IndexOf("\"a\":", StringComparison.Ordinal);
        File.WriteAllText(index, text.Remove(entry, text.IndexOf(',', entry) + 1 - entry));
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        Refused(() => reader.Require("a", 4), _folder.Path, "has no tensor a; model-00001-of-00003.safetensors holds one, but");
    }

    [Theory]
    [InlineData("{", "is no JSON (line 1, byte 2)")]
    [InlineData("{}", "has no object weight_map")]
    [InlineData("{\"weight_map\":3}", "weight_map is 3, expected an object")]
    [InlineData("{\"weight_map\":{\"a\":1}}", "weight_map.a is 1")]
    [InlineData("{\"weight_map\":{\"a\":NaN}}", "weight_map.a is NaN")]
    [InlineData("{\"weight_map\":{\"a\":\"x\",\"a\":\"y\"}}", "weight_map.a comes twice, as x and as y")]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1", "is a Git LFS pointer")]
    public void A_bad_index_is_refused(string text, string expected)
    {
        File.WriteAllText(_folder.File("model.safetensors.index.json"), text);
        Refused(() => CheckpointReader.Open(_folder.Path), "model.safetensors.index.json", expected);
    }

    [Fact]
    public void A_required_tensor_must_be_there_in_its_shape()
    {
        Write(maxShardBytes: 32);
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        reader.Require("c", 3, 2);
        Refused(() => reader.Require("d", 1), _folder.Path, "has no tensor d");
        Refused(() => reader.Require("c", 2, 3), "c: has shape [3, 2], the model's config.json wants [2, 3]");
        Refused(() => reader.Require("c", 6), "c: has shape [3, 2]", "wants [6]");
    }

    private static void Refused(Action action, params string[] parts)
    {
        string message = Assert.Throws<CheckpointException>(action).Message;
        Assert.DoesNotContain('\n', message);
        foreach (string part in parts)
        {
            Assert.Contains(part, message, StringComparison.Ordinal);
        }
    }

    private void Write(long maxShardBytes)
    {
        using CheckpointWriter writer = CheckpointWriter.Create(_folder.Path, Tensors, maxShardBytes);
        foreach (SafetensorsTensor tensor in Tensors)
        {
            writer.WriteFloats(tensor.Name, Values(tensor));
        }

        writer.Commit();
    }

    private void AssertContents()
    {
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        Assert.Equal(["a", "b", "big", "c"], reader.Names.Order(StringComparer.Ordinal));
        foreach (SafetensorsTensor tensor in Tensors)
        {
            var values = new float[tensor.Count];
            reader.ReadFloats(tensor.Name, values);
            Assert.Equal(Values(tensor), values);
        }
    }

    private static float[] Values(SafetensorsTensor tensor)
    {
        var values = new float[tensor.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = tensor.Name[0] + i;
        }

        return values;
    }
}
