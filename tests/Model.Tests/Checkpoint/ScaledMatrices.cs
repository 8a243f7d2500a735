using Actors.Model.Checkpoint;

namespace Actors.Model.Tests.Checkpoint;

/// <summary>Matrices in FP8 are read as code · scale, and what is wrong with their scales is named.</summary>
public sealed class ScaledMatrices : IDisposable
{
    private const string Name = "model.layers.0.self_attn.o_proj.weight", ScaleName = Name + "_scale_inv";
    private readonly TemporaryFolder _folder = new();

    private string Single => _folder.File("model.safetensors");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(128, 128)]
    [InlineData(129, 300)]
    [InlineData(576, 70)]
    [InlineData(40, 4100)]
    public void Values_are_code_times_scale_wherever_reading_begins(int rows, int columns)
    {
        RawTensor codes = ScaledTensors.Codes(Name, rows, columns, seed: 1);
        foreach (RawTensor scales in new[] { ScaledTensors.Scales(codes, seed: 2), ScaledTensors.Exponents(codes, seed: 3) })
        {
            RawTensor.Write(Single, [codes, scales]);
            using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
            reader.Require(Name, rows, columns);
            float[] expected = ScaledTensors.Values(codes, scales);
            var whole = new float[expected.Length];
            reader.ReadFloats(Name, whole);
            Assert.Equal(expected, whole);

            var random = new Random(4);
            for (int trial = 0; trial < 20; trial++)
            {
                int start = random.Next(expected.Length), count = random.Next(expected.Length - start + 1);
                var part = new float[count];
                reader.ReadFloats(Name, start, part);
                Assert.Equal(expected[start..(start + count)], part);
            }
        }
    }

    [Fact]
    public void More_codes_than_one_read_takes_are_read()
    {
        RawTensor codes = ScaledTensors.Codes(Name, 1500, 1000, seed: 1), scales = ScaledTensors.Scales(codes, seed: 2);
        RawTensor.Write(Single, [codes, scales]);
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        var whole = new float[1500 * 1000];
        reader.ReadFloats(Name, whole);
        Assert.Equal(ScaledTensors.Values(codes, scales), whole);
    }

    [Fact]
    public void Scales_are_no_tensors_of_the_model()
    {
        RawTensor codes = ScaledTensors.Codes("language_model." + Name, 130, 10, seed: 1);
        RawTensor.Write(Single, [ScaledTensors.Scales(codes, seed: 2), codes]);
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        Assert.Equal([Name], reader.Names);
        Assert.Equal([2, 1], reader.ScalesOf(Name)!.Shape);
    }

    [Fact]
    public void Scales_may_lie_in_another_file()
    {
        RawTensor codes = ScaledTensors.Codes(Name, 130, 10, seed: 1), scales = ScaledTensors.Scales(codes, seed: 2);
        RawTensor.Write(_folder.File("model-00001-of-00002.safetensors"), [codes]);
        RawTensor.Write(_folder.File("model-00002-of-00002.safetensors"), [scales]);
        _folder.Write(
            "model.safetensors.index.json",
            $$$"""{"weight_map": {"{{{Name}}}": "model-00001-of-00002.safetensors", "{{{ScaleName}}}": "model-00002-of-00002.safetensors"}}""");
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        var values = new float[1300];
        reader.ReadFloats(Name, values);
        Assert.Equal(ScaledTensors.Values(codes, scales), values);
    }

    [Fact]
    public void Scales_that_do_not_fit_are_named()
    {
        RawTensor codes = ScaledTensors.Codes(Name, 130, 200, seed: 1);
        AssertUnfit([codes], $"{Name}: is F8_E4M3, and the checkpoint has no {ScaleName} with its scales");
        AssertUnfit([codes, RawTensor.Floats(ScaleName, [2, 1], 1, 1)], $"{ScaleName}: has shape [2, 1], {Name} [130, 200] has [2, 2] blocks of 128 x 128");
        AssertUnfit([codes, RawTensor.Floats(ScaleName, [4], 1, 1, 1, 1)], $"{ScaleName}: has shape [4], {Name} [130, 200] has [2, 2] blocks of 128 x 128");
        AssertUnfit([codes, new RawTensor(ScaleName, "BF16", [2, 2], new byte[8])], $"{ScaleName}: is BF16, expected scales of F32 or F8_E8M0");
        AssertUnfit([codes with { Shape = [26000] }], $"{Name}: is F8_E4M3 of shape [26000], only matrices may be of this type");
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(0f, "0")]
    [InlineData(-0.5f, "-0.5")]
    public void A_scale_that_is_no_scale_is_named(float scale, string text)
    {
        RawTensor codes = ScaledTensors.Codes(Name, 130, 200, seed: 1);
        RawTensor.Write(Single, [codes, RawTensor.Floats(ScaleName, [2, 2], 1, 1, 1, scale)]);
        Assert.Contains($"{ScaleName}: the scale at [1, 1] is {text}, every scale must be finite and above 0", ReadingFails(130 * 200), StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_is_not_finite_is_named()
    {
        RawTensor codes = ScaledTensors.Codes(Name, 3, 4, seed: 1);
        codes.Bytes[6] = 0xFF;
        RawTensor.Write(Single, [codes, RawTensor.Floats(ScaleName, [1, 1], 1)]);
        Assert.Contains($"{Name}: the value at [1, 2] is NaN", ReadingFails(12), StringComparison.Ordinal);

        codes.Bytes[6] = 0x7E;
        RawTensor.Write(Single, [codes, RawTensor.Floats(ScaleName, [1, 1], 1e38f)]);
        Assert.Contains("every value must be finite", ReadingFails(12), StringComparison.Ordinal);
    }

    private void AssertUnfit(RawTensor[] tensors, string expected)
    {
        RawTensor.Write(Single, tensors);
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        string required = Assert.Throws<CheckpointException>(() => reader.Require(Name, [.. tensors[0].Shape])).Message;
        Assert.StartsWith(Single, required, StringComparison.Ordinal);
        Assert.Contains(expected, required, StringComparison.Ordinal);
        Assert.Equal(required, Assert.Throws<CheckpointException>(() => reader.ReadFloats(Name, new float[26000])).Message);
    }

    private string ReadingFails(int count)
    {
        using CheckpointReader reader = CheckpointReader.Open(_folder.Path);
        string message = Assert.Throws<CheckpointException>(() => reader.ReadFloats(Name, new float[count])).Message;
        Assert.StartsWith(Single, message, StringComparison.Ordinal);
        return message;
    }
}
