using System.Text.Json.Nodes;
using Actors.Model.Checkpoint;

namespace Actors.Model.Tests.Checkpoint;

/// <summary>Files that PyTorch and the hub's library wrote.</summary>
public sealed class ReferenceFiles
{
    private static readonly string[] Cases = ["plain", "noqlora", "wide", "yarn"];

    [SharedFact("reference/plain", "reference/noqlora", "reference/wide", "reference/yarn")]
    public void Configs_are_read_and_every_key_is_written_back()
    {
        using var folder = new TemporaryFolder();
        foreach (string name in Cases)
        {
            string path = SharedFiles.Locate($"reference/{name}/config.json");
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

        Assert.Null(HubConfig.Read(SharedFiles.Locate("reference/noqlora/config.json")).Model.QueryRank);
        Assert.Equal(
            new YarnConfig { Factor = 8, OriginalMaxPositions = 64, BetaFast = 32, BetaSlow = 1, Mscale = 1, MscaleAllDim = 1 },
            HubConfig.Read(SharedFiles.Locate("reference/yarn/config.json")).Model.Rope.Yarn);
    }

    [SharedFact("reference/plain")]
    public void Tensors_are_read_and_written_to_the_same_bits()
    {
        using var folder = new TemporaryFolder();
        using SafetensorsFile file = SafetensorsFile.Open(SharedFiles.Locate("reference/plain/model.safetensors"));
        Assert.Equal([256L, 64L], file.Find("model.embed_tokens.weight").Shape);
        Assert.Equal("pt", file.Metadata["format"]);
        using (CheckpointWriter writer = CheckpointWriter.Create(
                   folder.Path, [.. file.Names.Select(file.Find)], maxShardBytes: 500_000))
        {
            foreach (string name in file.Names)
            {
                writer.WriteFloats(name, file.ReadFloats(name));
            }

            writer.Commit();
        }

        using CheckpointReader reader = CheckpointReader.Open(folder.Path);
        Assert.Equal(file.Names.Count, reader.Names.Count);
        foreach (string name in file.Names)
        {
            var values = new float[file.Find(name).Count];
            reader.ReadFloats(name, values);
            Assert.Equal(file.ReadFloats(name), values);
        }
    }

    [SharedFact("reference/plain")]
    public void Integers_and_results_of_a_case_are_read()
    {
        using SafetensorsFile file = SafetensorsFile.Open(SharedFiles.Locate("reference/plain/case.safetensors"));
        long[] ids = file.ReadLongs("input_ids");
        Assert.Equal(2 * 96, ids.Length);
        Assert.All(ids, id => Assert.InRange(id, 0, 255));
        Assert.All(file.ReadFloats("logits"), value => Assert.True(float.IsFinite(value)));
    }
}
