using System.Text.Json.Nodes;
using Actors.Model.Checkpoint;
using Actors.Tests.Support.Reference;

namespace Actors.Model.Tests.Checkpoint;

/// <summary>Files that PyTorch and the hub's library wrote.</summary>
public sealed class ReferenceFiles
{
    [Theory]
    [ReferenceData("tiny")]
    [ReferenceData("plain")]
    [ReferenceData("noqlora")]
    [ReferenceData("wide")]
    [ReferenceData("yarn")]
    public void A_config_is_read_and_every_key_is_written_back(string name)
    {
        using var folder = new TemporaryFolder();
        string path = FileOf(name, "config.json");
        HubConfig config = HubConfig.Read(path);
        config.Write(folder.File("config.json"));
        JsonObject written = JsonNode.Parse(File.ReadAllText(folder.File("config.json")))!.AsObject();
        foreach ((string key, JsonNode? value) in JsonNode.Parse(File.ReadAllText(path))!.AsObject())
        {
            if (key == "rope_parameters")
            {
                // Beside rope_type the file repeats it as the older type.
                value!.AsObject().Remove("type");
            }

            Assert.True(
                JsonNode.DeepEquals(value, written[key]), $"{name}: {key} was {value?.ToJsonString()} and is {written[key]?.ToJsonString()}.");
        }

        Assert.Equal(config.Model, HubConfig.Read(folder.File("config.json")).Model);
    }

    [Theory]
    [ReferenceData("noqlora")]
    public void A_config_without_a_query_rank_is_read(string name) =>
        Assert.Null(HubConfig.Read(FileOf(name, "config.json")).Model.QueryRank);

    [Theory]
    [ReferenceData("tiny", 32)]
    [ReferenceData("yarn", 64)]
    public void A_config_with_yarn_is_read(string name, int originalMaxPositions) => Assert.Equal(
        new YarnConfig { Factor = 8, OriginalMaxPositions = originalMaxPositions, BetaFast = 32, BetaSlow = 1, Mscale = 1, MscaleAllDim = 1 },
        HubConfig.Read(FileOf(name, "config.json")).Model.Rope.Yarn);

    [Theory]
    [ReferenceData("tiny", 96L, 48L, 100_000)]
    [ReferenceData("plain", 256L, 64L, 500_000)]
    public void Tensors_are_read_and_written_to_the_same_bits(string name, long vocabulary, long hidden, long maxShardBytes)
    {
        using var folder = new TemporaryFolder();
        using SafetensorsFile file = SafetensorsFile.Open(FileOf(name, "model.safetensors"));
        Assert.Equal([vocabulary, hidden], file.Find("model.embed_tokens.weight").Shape);
        Assert.Equal("pt", file.Metadata["format"]);
        using (CheckpointWriter writer = CheckpointWriter.Create(
                   folder.Path, [.. file.Names.Select(file.Find)], maxShardBytes))
        {
            foreach (string tensor in file.Names)
            {
                writer.WriteFloats(tensor, file.ReadFloats(tensor));
            }

            writer.Commit();
        }

        using CheckpointReader reader = CheckpointReader.Open(folder.Path);
        Assert.Equal(file.Names.Count, reader.Names.Count);
        foreach (string tensor in file.Names)
        {
            var values = new float[file.Find(tensor).Count];
            reader.ReadFloats(tensor, values);
            Assert.Equal(file.ReadFloats(tensor), values);
        }
    }

    [Theory]
    [ReferenceData("tiny", 64, 96)]
    [ReferenceData("plain", 96, 256)]
    public void Integers_and_results_of_a_case_are_read(string name, int length, int vocabulary)
    {
        using SafetensorsFile file = SafetensorsFile.Open(FileOf(name, "case.safetensors"));
        long[] ids = file.ReadLongs("input_ids");
        Assert.Equal(2 * length, ids.Length);
        Assert.All(ids, id => Assert.InRange(id, 0, vocabulary - 1));
        Assert.All(file.ReadFloats("logits"), value => Assert.True(float.IsFinite(value)));
    }

    private static string FileOf(string name, string file) => Path.Combine(ReferenceCase.FindFolder(name)!, file);
}
