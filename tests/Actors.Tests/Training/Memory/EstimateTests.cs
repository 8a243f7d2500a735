using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Cpu.Scalar;
using Actors.Model;
using Actors.Model.Inference;
using Actors.Model.Parameters;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Training.Memory;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training.Memory;

public sealed class EstimateTests
{
    [Fact]
    public void The_published_placement_of_DeepSeek_V3_is_estimated_without_allocating_it()
    {
        ActorsSettings settings = CheckedSettings.Read(LayeredConfiguration.Load(Path.Combine(Repository.Root, "hocon", "deepseek-v3.conf")));
        using var cpu = new CpuBackend();

        MemoryEstimate estimate = MemoryPlan.OfTraining(RunPlan.Of(settings, settings.Model.Config), cpu);

        Assert.InRange(estimate.Weights, 671e9 * 4 * 2, 671e9 * 4 * 3.1);
        Assert.True(estimate.Training > 671e9 * 4 * 3);
    }

    [Fact]
    public void Serving_on_shared_weights_counts_them_once_and_grows_with_its_limits()
    {
        RunPlan plan = TestPlans.OneRank(TestModels.Small(), sequences: 1, length: 1) with { ExpertRanks = 2, RanksPerNode = 2 };
        using var cpu = new CpuBackend();

        MemoryEstimate small = MemoryPlan.OfServing(plan, Options(32), cpu);
        MemoryEstimate large = MemoryPlan.OfServing(plan, Options(64), cpu);
        MemoryEstimate shared = MemoryPlan.OfServing(plan, Options(64), cpu, sharesWeights: true);

        Assert.True(large.Activations > small.Activations);
        Assert.Equal(large, shared + MemoryEstimate.For(MemoryKind.Values, large.Weights));
        Assert.Equal(0, shared.Weights);
    }

    /// <summary>What is stored in rows halves; gradients, moments, logits, gates and places do not.</summary>
    [Fact]
    public void Rows_of_bfloat16_are_counted_at_half_and_copies_of_weights_are_added()
    {
        RunPlan plan = TestPlans.OneRank(TestModels.Small() with { HiddenSize = 256, IntermediateSize = 512, ExpertIntermediateSize = 256, VocabularySize = 64 }, sequences: 4, length: 64) with
        {
            ExpertRanks = 2,
            RanksPerNode = 1,
        };
        using var plain = new ScalarBackend();
        using var rounding = new RoundingBackend();

        MemoryEstimate full = MemoryPlan.OfTraining(plan, plain), half = MemoryPlan.OfTraining(plan, rounding);
        Assert.InRange(half.Activations / full.Activations, 0.5, 0.6);
        Assert.InRange(half.Exchange / full.Exchange, 0.5, 0.55);
        Assert.Equal(full.Training, half.Training);
        Assert.InRange(half.Weights / full.Weights, 1.45, 1.5);

        MemoryEstimate serial = MemoryPlan.OfSerialTraining(plan, plain), serialHalf = MemoryPlan.OfSerialTraining(plan, rounding);
        Assert.InRange(serialHalf.Activations / serial.Activations, 0.5, 0.6);
        MemoryEstimate served = MemoryPlan.OfSample(plan, Options(64), plain), servedHalf = MemoryPlan.OfSample(plan, Options(64), rounding);
        Assert.InRange(servedHalf.Activations / served.Activations, 0.5, 0.65);
    }

    /// <summary>
    /// Of what is exchanged, rows out take 132 of 256 bytes and rows back all, choices and frames too; what a rank has quantized to send is more by a chunk. Sizes that
    /// the experts' products do not quantize stay.
    /// </summary>
    [Theory]
    [InlineData(256, 0.7, 0.95)]
    [InlineData(320, 1, 1)]
    public void Rows_that_travel_as_codes_are_counted_as_these(int hidden, double least, double most)
    {
        ModelConfig model = TestModels.Small() with { HiddenSize = hidden, IntermediateSize = 320, ExpertIntermediateSize = hidden };
        RunPlan plan = TestPlans.OneRank(model, sequences: 4, length: 64) with { ExpertRanks = 4, RanksPerNode = 2, Fabric = new(Channels: 4, ChunkRows: 32, SlotsPerRing: 8) };
        using var bfloat16 = new RoundedBackend(new CpuBackend());
        using var fp8 = new RoundedBackend(new CpuBackend(), Precision.Fp8);

        Assert.InRange(MemoryPlan.OfTraining(plan, fp8).Exchange / MemoryPlan.OfTraining(plan, bfloat16).Exchange, least, most);
    }

    /// <summary>A cache of serving is what grows with the number of its slots: a row of it has the size that is allocated.</summary>
    [Fact]
    public void The_cache_of_serving_is_counted_at_the_size_that_is_allocated()
    {
        RunPlan plan = TestPlans.OneRank(TestModels.Small(), sequences: 1, length: 1);
        using var rounding = new RoundingBackend();
        using var shapes = new ShapeBackend(rounding);

        double more = MemoryPlan.OfSample(plan, Options(32) with { SlotsPerRank = 5 }, rounding).Activations - MemoryPlan.OfSample(plan, Options(32), rounding).Activations;

        using var slot = new LatentCache(shapes, plan.Model, plan.Model.Layers, slots: 1, slotTokens: 32);
        Assert.Equal(shapes.Bytes + (sizeof(float) * plan.Model.VocabularySize), more, 64.0);
    }

    /// <summary>A device that stores rows in bfloat16, and keeps copies of weights so; it says sizes alone.</summary>
    private sealed class RoundingBackend() : WrappedBackend(new ScalarBackend())
    {
        public override Precision Precision => Precision.BFloat16;

        public override long WeightBytes(int groups, int outputs, int inputs, bool trains) =>
            base.WeightBytes(groups, outputs, inputs, trains) + (2L * groups * outputs * inputs);
    }

    private static InferenceOptions Options(int maxLength) => new(SlotsPerRank: 4, maxLength, MaxWaiting: 1) { StallTimeout = ActorKit.StallTimeout };
}
