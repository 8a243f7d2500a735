using System.Text.Json;
using System.Text.RegularExpressions;
using Actors.Cpu;
using Actors.Cpu.Scalar;
using Actors.Model.Checkpoint;
using Actors.Model.Parameters;
using Actors.Model.Tests.Checkpoint;
using Actors.Model.Training;
using Actors.Tensors;
using Actors.Tensors.Formats;
using Actors.Tensors.Quantized;

namespace Actors.Model.Tests.Training;

/// <summary>A model's folder in FP8 has the published form, the codes and scales that devices compute, and keeps them from then on.</summary>
public sealed partial class ScaledConversions : IDisposable
{
    private static readonly CheckpointForm AsIs = new(1, long.MaxValue, null);
    private static readonly CheckpointForm Scaled = AsIs with { Type = SafetensorsType.E4M3 };

    /// <summary>Matrices of several blocks, whole ones and rests, and a prediction module.</summary>
    private static readonly ModelConfig Config = TinyModel.DefaultConfig with
    {
        HiddenSize = 136,
        IntermediateSize = 260,
        Layers = 2,
        PredictLayers = 1,
    };

    private readonly TemporaryFolder _folder = new();

    public ScaledConversions() => StoredModel.Write(PathOf("source"), config: Config);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_form_is_the_published_one()
    {
        CheckpointConversion.Convert(PathOf("source"), PathOf("scaled"), Scaled);

        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(PathOf("scaled"), "model.safetensors"));
        HashSet<string> expected = [.. ModelCheckpoint.Tensors(Config).Select(tensor => tensor.Name)];
        Assert.Equal(5 + 3 + (2 * (5 + 3 + (3 * 8))), expected.Count(name => Quantized().IsMatch(name)));
        foreach (string name in expected.ToArray())
        {
            SafetensorsTensor tensor = file.Find(name);
            if (!Quantized().IsMatch(name))
            {
                Assert.Equal(name.EndsWith("e_score_correction_bias", StringComparison.Ordinal) ? "F32" : "BF16", tensor.TypeName);
                continue;
            }

            SafetensorsTensor scales = file.Find(name + "_scale_inv");
            Assert.Equal(("F8_E4M3", "F32"), (tensor.TypeName, scales.TypeName));
            Assert.Equal([(tensor.Shape[0] + 127) / 128, (tensor.Shape[1] + 127) / 128], scales.Shape);
            expected.Add(scales.Name);
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), file.Names.Order(StringComparer.Ordinal));
        using JsonDocument config = JsonDocument.Parse(File.ReadAllText(Path.Combine(PathOf("scaled"), HubConfig.FileName)));
        Assert.Equal("bfloat16", config.RootElement.GetProperty("dtype").GetString());
        Assert.Equal(
            """{"activation_scheme": "dynamic", "fmt": "e4m3", "quant_method": "fp8", "weight_block_size": [128, 128]}""",
            config.RootElement.GetProperty("quantization_config").GetRawText());
    }

    [Fact]
    public void Codes_and_scales_are_those_of_a_device()
    {
        CheckpointConversion.Convert(PathOf("source"), PathOf("scaled"), Scaled);

        using var backend = new ScalarBackend();
        using IStream stream = backend.CreateStream("quantizes");
        using CheckpointReader source = CheckpointReader.Open(PathOf("source"));
        using SafetensorsFile scaled = SafetensorsFile.Open(Path.Combine(PathOf("scaled"), "model.safetensors"));
        foreach (SafetensorsTensor matrix in scaled.Tensors.Values.Where(tensor => tensor.Type == SafetensorsType.E4M3))
        {
            (int rows, int columns) = ((int)matrix.Shape[0], (int)matrix.Shape[1]);
            var cuts = new TileCuts(rows);
            using var arena = new Arena(backend, Arena.Plan(rows, columns) + Arena.Plan(rows, columns) + Arena.Plan(cuts.Count, columns));
            Tensor values = arena.Take(rows, columns), codes = arena.Take(rows, columns, ElementType.E4M3), scales = arena.Take(cuts.Count, new TileCuts(columns).Count);
            source.ReadFloats(matrix.Name, values.AsSpan<float>());
            stream.QuantizeBlocks(values, new QuantizedBlocks(codes, scales, 1, cuts), ScaleKind.Float32);

            Assert.Equal(codes.AsSpan<byte>().ToArray(), BytesOf(scaled, matrix));
            Assert.Equal(scales.AsSpan<float>().ToArray(), scaled.ReadFloats(matrix.Name + "_scale_inv"));
        }
    }

    [Theory]
    [InlineData(SafetensorsType.F32)]
    [InlineData(SafetensorsType.E4M3)]
    [InlineData(null)]
    public void Written_again_codes_and_scales_stay_as_they_are(SafetensorsType? between)
    {
        // Blocks of zeros and of numbers too small for a scale of their own are among them.
        StoredModel.Write(
            PathOf("blocks"), config: Config, change: (name, values) => values.AsSpan().Fill(name.Contains("o_proj", StringComparison.Ordinal) ? 0 : 3e-6f));
        foreach (string source in new[] { "source", "blocks" })
        {
            CheckpointConversion.Convert(PathOf(source), PathOf(source + "-scaled"), Scaled with { Shards = 3 });
            CheckpointConversion.Convert(PathOf(source + "-scaled"), PathOf(source + "-between"), AsIs with { Type = between });
            CheckpointConversion.Convert(PathOf(source + "-between"), PathOf(source + "-again"), Scaled with { Shards = 3 });

            SortedDictionary<string, byte[]> scaled = AllBytes(source + "-scaled"), again = AllBytes(source + "-again");
            Assert.Equal(scaled.Keys, again.Keys);
            Assert.All(scaled, tensor => Assert.Equal(tensor.Value, again[tensor.Key]));
        }
    }

    [Fact]
    public void A_scale_survives_its_own_largest_value()
    {
        // Not every float does: 448 s is rounded where 7 s needs more bits. But scales are quotients by 448, and of those all do.
        var random = new Random(1);
        for (int trial = 0; trial < 200_000; trial++)
        {
            float scale = TileScale.OfE4M3(BitConverter.UInt32BitsToSingle((uint)random.Next(0x3000_0000, 0x4800_0000)), ScaleKind.Float32);
            Assert.Equal(scale, TileScale.OfE4M3(E4M3.MaxValue * scale, ScaleKind.Float32));
        }
    }

    [Fact]
    public void Scales_of_others_are_copied_and_values_read_from_them()
    {
        CheckpointConversion.Convert(PathOf("source"), PathOf("scaled"), Scaled);
        string path = Path.Combine(PathOf("scaled"), "model.safetensors");
        List<RawTensor> tensors;
        using (SafetensorsFile file = SafetensorsFile.Open(path))
        {
            tensors = [.. file.Tensors.Values.Where(tensor => !tensor.Name.EndsWith("_scale_inv", StringComparison.Ordinal)).Select(tensor => Raw(file, tensor))];
        }

        RawTensor.Write(path, [.. tensors, .. tensors.Where(tensor => tensor.Type == "F8_E4M3").Select(tensor => ScaledTensors.Exponents(tensor, seed: 5))]);
        CheckpointConversion.Convert(PathOf("scaled"), PathOf("same"), Scaled);
        CheckpointConversion.Convert(PathOf("same"), PathOf("wide"), AsIs with { Type = SafetensorsType.F32 });

        using SafetensorsFile same = SafetensorsFile.Open(Path.Combine(PathOf("same"), "model.safetensors"));
        using SafetensorsFile wide = SafetensorsFile.Open(Path.Combine(PathOf("wide"), "model.safetensors"));
        foreach (RawTensor codes in tensors.Where(tensor => tensor.Type == "F8_E4M3"))
        {
            RawTensor scales = ScaledTensors.Exponents(codes, seed: 5);
            Assert.Equal(codes.Bytes, BytesOf(same, same.Find(codes.Name)));
            Assert.Equal(scales.Bytes, BytesOf(same, same.Find(scales.Name)));
            Assert.Equal(ScaledTensors.Values(codes, scales), wide.ReadFloats(codes.Name));
        }

        Assert.DoesNotContain("quantization_config", File.ReadAllText(Path.Combine(PathOf("wide"), HubConfig.FileName)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_in_FP8_loads_and_is_verified()
    {
        CheckpointConversion.Convert(PathOf("source"), PathOf("scaled"), Scaled with { Shards = null, MaxShardBytes = 20_000 });
        CheckpointConversion.Convert(PathOf("scaled"), PathOf("wide"), AsIs with { Type = SafetensorsType.F32 });

        using var model = new TinyModel(new CpuBackend(), 4, 2, seed: 2, Config);
        TrainingCheckpoint.LoadModel(PathOf("scaled"), [(model.Stream, model.Weights)]);

        SortedDictionary<string, (SafetensorsType Type, float[] Values)> wide = StoredModel.Read(PathOf("wide"));
        Assert.All(
            model.Weights.Blocks.SelectMany(block => block.Tensors.Select(tensor => (block, tensor))),
            pair => Assert.Equal(wide[pair.tensor.Name].Values, ParameterBlock.View(pair.block.Values, pair.tensor).AsSpan<float>().ToArray()));
        VerifiedCheckpoint whole = CheckpointVerification.Verify(PathOf("scaled"));
        long bytes = Directory.GetFiles(PathOf("scaled"), "*.safetensors").Sum(TensorBytes);
        Assert.Equal((bytes, null), (whole.Bytes, whole.Step));
    }

    /// <summary>Linear layers of attention and feed-forwards, written apart from the list that the conversion has.</summary>
    [GeneratedRegex(@"\.layers\.\d+\.(self_attn\.(q_a|q_b|kv_b|o)_proj|self_attn\.kv_a_proj_with_mqa|mlp\.((experts\.\d+|shared_experts)\.)?(gate|up|down)_proj)\.weight$")]
    private static partial Regex Quantized();

    private static RawTensor Raw(SafetensorsFile file, SafetensorsTensor tensor) => tensor.Type == SafetensorsType.E4M3
        ? new RawTensor(tensor.Name, tensor.TypeName, [.. tensor.Shape], BytesOf(file, tensor))
        : RawTensor.Floats(tensor.Name, [.. tensor.Shape], file.ReadFloats(tensor.Name));

    private static byte[] BytesOf(SafetensorsFile file, SafetensorsTensor tensor)
    {
        var bytes = new byte[tensor.Bytes];
        file.ReadBytes(tensor, 0, bytes);
        return bytes;
    }

    private SortedDictionary<string, byte[]> AllBytes(string folder)
    {
        var tensors = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (string path in Directory.GetFiles(PathOf(folder), "*.safetensors"))
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            foreach (SafetensorsTensor tensor in file.Tensors.Values)
            {
                tensors.Add($"{tensor}", BytesOf(file, tensor));
            }
        }

        return tensors;
    }

    private static long TensorBytes(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return file.Tensors.Values.Sum(tensor => tensor.Bytes);
    }

    private string PathOf(string name) => Path.Combine(_folder.Path, name);
}
