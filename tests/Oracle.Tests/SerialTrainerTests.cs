using Actors.Cpu;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Model.Training;

namespace Actors.Oracle.Tests;

public sealed class SerialTrainerTests
{
    private const int Length = 8;

    [Fact]
    public void Repeating_a_batch_is_learned_by_heart()
    {
        using var model = new TinyModel(new CpuBackend(), 2, 1);
        using SerialTrainer trainer = Trainer(model, TestOptimizer.At(1e-2));
        int[] batch = TinyModel.Tokens(4 * (Length + 1), 2);
        double first = trainer.Step(batch).Loss;
        double last = first;
        for (int step = 0; step < 60; step++)
        {
            last = trainer.Step(batch).Loss;
        }

        // 32 random tokens of 23: ln 23 = 3.1 nats when guessed, near 0 when known.
        Assert.InRange(first, 2.5, 5);
        Assert.InRange(last, 0, 0.5);
    }

    [Fact]
    public void Every_choice_is_counted_as_load()
    {
        using var model = new TinyModel(new CpuBackend(), 4, 2);
        using SerialTrainer trainer = Trainer(model, TestOptimizer.At(1e-3));
        StepResult result = trainer.Step(TinyModel.Tokens(4 * (Length + 1), 2));
        Assert.Empty(result.Loads[0]);
        Assert.Equal(4 * Length * model.Config.ExpertsPerToken, result.Loads[1].Sum());
        Assert.Equal(4 * Length * model.Config.ExpertsPerToken, result.Loads[2].Sum());
        Assert.Equal(4 * Length, result.Tokens);
    }

    [Fact]
    public void The_correction_bias_moves_against_the_load_and_only_when_told()
    {
        using var model = new TinyModel(new CpuBackend());
        var options = TestOptimizer.At(1e-3);
        int[] batch = TinyModel.Tokens(4 * (Length + 1), 2);
        using (SerialTrainer still = Trainer(model, options))
        {
            still.Step(batch);
        }

        ParameterBlock bias = model.Weights.Layers[1].CorrectionBias!;
        Assert.All(bias.Values.AsSpan<float>().ToArray(), value => Assert.Equal(0, value));
        using SerialTrainer moving = Trainer(model, options with { BiasUpdateSpeed = 0.25 });
        StepResult result = moving.Step(batch);
        double mean = result.Loads[1].Average();
        Assert.Equal(result.Loads[1].Select(load => 0.25f * Math.Sign(mean - load)), bias.Values.AsSpan<float>().ToArray());
    }

    /// <summary>Fresh gates choose nearly evenly, so Σ f P is near 1 a layer; trained with it alone that counts, it falls.</summary>
    [Fact]
    public void The_balance_loss_is_reported_and_falls_when_it_is_trained()
    {
        int[] batch = TinyModel.Tokens(4 * (Length + 1), 2);
        double[] Balances(double weight, double scale)
        {
            using var model = new TinyModel(new CpuBackend());
            using SerialTrainer trainer = Trainer(model, TestOptimizer.At(1e-2) with { BalanceWeight = weight });
            return [.. Enumerable.Range(0, 30).Select(_ => trainer.Step(batch).Balance / scale)];
        }

        Assert.All(Balances(0, 1), balance => Assert.Equal(0, balance));
        double[] watched = Balances(1e-6, 1e-6), trained = Balances(10, 10);
        Assert.Equal(watched[0], trained[0], 1e-9);
        Assert.True(trained[^1] < trained[0] && trained[^1] < watched[^1], $"from {trained[0]} to {trained[^1]}, {watched[^1]} without it");
    }

    [Theory]
    [InlineData(null, "the output head")]
    [InlineData(0, "layer 0")]
    [InlineData(2, "layer 2")]
    public void A_loss_that_is_no_number_names_step_and_layer_and_changes_no_value(int? layer, string part)
    {
        using var model = new TinyModel(new CpuBackend());
        using SerialTrainer trainer = Trainer(model, TestOptimizer.At(1e-3));
        ParameterBlock spoiled = layer is { } number ? model.Weights.Layers[number].InputNorm : model.Weights.FinalNorm!;
        spoiled.Values.AsSpan<float>()[0] = float.NaN;
        float[] before = model.Weights.Embedding!.Values.AsSpan<float>().ToArray();
        NonFiniteLossException error = Assert.Throws<NonFiniteLossException>(() => trainer.Step(TinyModel.Tokens(4 * (Length + 1), 2)));
        Assert.Equal(1, error.Step);
        Assert.Equal(part, error.Part);
        Assert.Equal(before, model.Weights.Embedding.Values.AsSpan<float>().ToArray());
    }

    /// <summary>Two passes of two sequences, one micro-batch each, are the sums of one pass of two micro-batches, in the same order.</summary>
    [Fact]
    public void Passes_of_a_step_accumulate_to_the_bits_of_one_pass()
    {
        var (whole, parts) = (new List<float>(), new List<float>());
        int[] batch = TinyModel.Tokens(4 * (Length + 1), 2);
        foreach ((List<float> state, int microBatches, int passes) in ((List<float>, int, int)[])[(whole, 2, 1), (parts, 1, 2)])
        {
            using var model = new TinyModel(new CpuBackend(), 2, 1);
            var schedule = new BatchSchedule(4, Length, passes);
            using var trainer = new SerialTrainer(
                model.Backend, model.Stream, model.Weights, model.Placement, new BatchPlan(schedule.PassSequences, microBatches, 2), Length, TestOptimizer.At(1e-2),
                schedule: schedule);
            for (int step = 0; step < 3; step++)
            {
                StepResult result = trainer.Step(batch);
                state.AddRange([(float)result.Loss, (float)result.GradientNorm, .. result.Loads[1]]);
            }

            state.AddRange(model.Weights.Blocks.SelectMany(block => block.Values.AsSpan<float>().ToArray()));
        }

        Assert.Equal(whole, parts);
    }

    [Fact]
    public void Weights_go_by_the_tokens_before_a_step()
    {
        using var model = new TinyModel(new CpuBackend());
        OptimizerOptions options = TestOptimizer.At(1e-3) with { BiasUpdateSpeed = 0.25, LaterBiasUpdateSpeed = new LaterValue(4 * Length, 0) };
        using SerialTrainer trainer = Trainer(model, options);
        int[] batch = TinyModel.Tokens(4 * (Length + 1), 2);
        trainer.Step(batch);
        float[] bias = model.Weights.Layers[1].CorrectionBias!.Values.AsSpan<float>().ToArray();
        trainer.Step(batch);

        Assert.Contains(bias, value => value != 0);
        Assert.Equal(bias, model.Weights.Layers[1].CorrectionBias!.Values.AsSpan<float>().ToArray());
    }

    [Fact]
    public void A_step_of_the_wrong_size_says_what_it_needs()
    {
        using var model = new TinyModel(new CpuBackend());
        using SerialTrainer trainer = Trainer(model, TestOptimizer.At(1e-3));
        ArgumentException error = Assert.Throws<ArgumentException>(() => trainer.Step(TinyModel.Tokens(7, 2), TinyModel.Tokens(6, 2)));
        Assert.Contains("4 sequences of 8 tokens, found 7 ids, 6 targets", error.Message);
    }

    private static SerialTrainer Trainer(TinyModel model, OptimizerOptions options) =>
        new(model.Backend, model.Stream, model.Weights, model.Placement, new BatchPlan(4, 2, 2), Length, options);
}
