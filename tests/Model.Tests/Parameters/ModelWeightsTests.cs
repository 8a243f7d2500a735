using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Tensors;

namespace Actors.Model.Tests.Parameters;

public sealed class ModelWeightsTests
{
    [Fact]
    public void Fresh_values_do_not_depend_on_the_placement()
    {
        using var backend = new CpuBackend();
        Dictionary<string, float[]> whole = Values(backend, ModelPart.Whole(TinyModel.DefaultConfig, new ExpertPlacement(8, 1, 1)), 9);
        ModelPart[] parts =
        [
            new([0, 1], HasEmbedding: true, HasHead: false, [new ExpertRange(0, 2), new ExpertRange(2, 6)]),
            new([2], HasEmbedding: false, HasHead: true, new ExpertPlacement(8, 4, 2).Ranges()),
        ];
        Dictionary<string, float[]> split = parts.SelectMany(part => Values(backend, part, 9)).ToDictionary();
        Assert.Equal(whole.Keys.Order(StringComparer.Ordinal), split.Keys.Order(StringComparer.Ordinal));
        Assert.All(whole, pair => Assert.Equal(pair.Value, split[pair.Key]));
    }

    [Fact]
    public void Fresh_values_are_normal_with_the_config_s_deviation_norms_one_and_biases_zero()
    {
        using var model = new TinyModel(new CpuBackend());
        float[] normal = [.. model.Weights.Blocks.Where(b => b.Initial == InitialValue.Normal).SelectMany(b => b.Values.AsSpan<float>().ToArray())];
        double mean = normal.Average(value => (double)value);
        double deviation = Math.Sqrt(normal.Average(value => (value - mean) * (value - mean)));
        // Five standard errors of n numbers with deviation 0.2.
        Assert.InRange(mean, -5 * 0.2 / Math.Sqrt(normal.Length), 5 * 0.2 / Math.Sqrt(normal.Length));
        Assert.InRange(deviation, 0.2 - 5 * 0.2 / Math.Sqrt(2.0 * normal.Length), 0.2 + 5 * 0.2 / Math.Sqrt(2.0 * normal.Length));
        Assert.All(model.Weights.FinalNorm!.Values.AsSpan<float>().ToArray(), value => Assert.Equal(1, value));
        Assert.All(model.Weights.Layers[2].CorrectionBias!.Values.AsSpan<float>().ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Another_seed_gives_other_values()
    {
        using var first = new TinyModel(new CpuBackend(), seed: 1);
        using var second = new TinyModel(new CpuBackend(), seed: 2);
        Assert.NotEqual(first.Weights.Head!.Values.AsSpan<float>().ToArray(), second.Weights.Head!.Values.AsSpan<float>().ToArray());
    }

    [Fact]
    public void A_block_s_hub_tensors_cover_its_rows_and_carry_the_hub_s_names()
    {
        using var model = new TinyModel(new CpuBackend(), 4, 2);
        foreach (ParameterBlock block in model.Weights.Blocks)
        {
            int row = 0;
            foreach (HubTensor tensor in block.Tensors)
            {
                Assert.Equal(row, tensor.FirstRow);
                Assert.Equal(block.Values.Columns, tensor.Columns);
                row += tensor.Rows;
            }

            Assert.Equal(block.Values.Rows, row);
        }

        Assert.Equal(
            ["model.layers.1.mlp.experts.2.gate_proj.weight", "model.layers.1.mlp.experts.2.up_proj.weight"],
            model.Weights.Layers[1].Experts[1].GateUp.Tensors.Take(2).Select(tensor => tensor.Name));
    }

    [Fact]
    public void An_instance_of_one_rank_has_the_shared_blocks_and_its_own_experts()
    {
        using var model = new TinyModel(new CpuBackend(), 4, 2);
        using var gradients = new GradientSet(model.Backend, model.Weights.BlocksOf([2]));
        LayerWeights layer = model.Weights.Layers[1];
        Assert.Equal(layer.Gate!.Values.Rows, gradients[layer.Gate].Rows);
        Assert.Equal(layer.Experts[2].Down.Values.Rows, gradients[layer.Experts[2].Down].Rows);
        Assert.Throws<KeyNotFoundException>(() => gradients[layer.Experts[1].Down]);
        Assert.Throws<KeyNotFoundException>(() => gradients[layer.CorrectionBias!]);
    }

    [Fact]
    public void Sums_begun_anew_are_zero_where_nothing_was_added()
    {
        using var model = new TinyModel(new CpuBackend(), 4, 2);
        using IStream stream = model.Backend.CreateStream("test");
        using var gradients = new GradientSet(model.Backend, model.Weights.Blocks);
        ParameterBlock gate = model.Weights.Layers[1].Gate!;
        gradients.Clear(stream);
        foreach (ParameterBlock block in gradients.Blocks)
        {
            gradients[block].AsSpan<float>().Fill(7);
        }

        gradients.Begin();
        gradients.TakeToAdd(stream, gate).AsSpan<float>()[3] += 2;
        gradients.End(stream);
        Assert.Equal(2, gradients[gate].AsSpan<float>()[3]);
        Assert.Equal(2, gradients.Blocks.Sum(block => gradients[block].AsSpan<float>().ToArray().Sum()));
    }

    [Fact]
    public void A_product_of_no_rows_leaves_a_block_without_a_gradient()
    {
        using var model = new TinyModel(new CpuBackend(), 4, 2);
        using IStream stream = model.Backend.CreateStream("test");
        using var gradients = new GradientSet(model.Backend, model.Weights.Blocks);
        ParameterBlock gate = model.Weights.Layers[1].Gate!;
        using var arena = new Arena(model.Backend, Arena.Plan(1, gate.Values.Rows) + Arena.Plan(1, gate.Values.Columns));
        Tensor dy = arena.Take(1, gate.Values.Rows), x = arena.Take(1, gate.Values.Columns);
        dy.AsSpan<float>().Fill(2);
        x.AsSpan<float>().Fill(3);
        gradients.Begin();
        gradients.AddProduct(stream, gate, dy.RowRange(0, 0), x.RowRange(0, 0));
        Assert.False(gradients.Has(gate));
        gradients.AddProduct(stream, gate, dy, x);
        Assert.True(gradients.Has(gate));
        Assert.All(gradients[gate].AsSpan<float>().ToArray(), value => Assert.Equal(6, value));
    }

    private static Dictionary<string, float[]> Values(IBackend backend, ModelPart part, ulong seed)
    {
        using var weights = new ModelWeights(backend, TinyModel.DefaultConfig, part);
        using IStream stream = backend.CreateStream("test");
        weights.Initialize(stream, seed);
        return weights.Blocks
            .SelectMany(block => block.Tensors.Select(tensor => (tensor.Name, ParameterBlock.View(block.Values, tensor).AsSpan<float>().ToArray())))
            .ToDictionary();
    }
}
