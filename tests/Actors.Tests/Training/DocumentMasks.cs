using Actors.Cpu;
using Actors.Model.Layers;
using Actors.Model.Parameters;
using Actors.Model.Placement;
using Actors.Oracle;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;
using Actors.Runtime.Training.Checkpoints;
using Actors.Tensors;

namespace Actors.Runtime.Tests.Training;

/// <summary>Attention that sees one document at a time: every rank knows where the documents of its chunks begin, also those that draw no tokens.</summary>
public sealed class DocumentMasks
{
    private const int Length = 8;

    private const int Steps = 3;

    private const double BalanceWeight = 0.01;

    /// <summary>As in <see cref="AccumulatedSteps"/>: gradients are summed in another order, then losses of float32.</summary>
    private const double LaterStepTolerance = 1e-6;

    /// <summary>As in <see cref="ParityRun"/>: gradients differ only in the order in which chunks are summed.</summary>
    private const double CosineTolerance = 1e-13;

    [Theory]
    [InlineData("1f1b", 1, 1, 1, 1)]
    [InlineData("1f1b", 4, 2, 1, 0)]
    [InlineData("dualpipe", 2, 4, 1, 2)]
    [InlineData("dualpipe", 4, 2, 1, 1)]
    [InlineData("dualpipe", 2, 2, 2, 1)]
    [InlineData("dualpipev", 2, 2, 1, 1)]
    [InlineData("zbv", 2, 2, 1, 1)]
    [InlineData("zb1p", 4, 1, 1, 0)]
    [InlineData("interleaved-1f1b", 2, 4, 1, 1)]
    public async Task Masked_steps_are_the_serial_steps_at_every_placement(string schedule, int pipelineRanks, int expertRanks, int dataGroups, int modules)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks, dataGroups, modules);
        (StepResult[] serial, Dictionary<string, float[]> gradients) = Serial(plan, new PackedText(plan));
        using var run = new TrainingFixture(plan) { BalanceWeight = BalanceWeight, Batches = new PackedText(plan) };

        await run.TrainAsync<TrainingEnded>(Steps);

        // The serial model sums the losses of data groups in another order.
        Assert.Equal(serial[0].Loss, run.Steps[0].Loss, dataGroups == 1 ? 0 : 1e-13);
        Assert.All(serial[0].PredictionLosses.Zip(run.Steps[0].PredictionLosses), pair => Assert.Equal(pair.First, pair.Second, dataGroups == 1 ? 0 : 1e-13));
        Assert.Equal(serial[0].Balance, run.Steps[0].Balance);
        Assert.True(run.Steps[0].Balance > 0);
        Assert.All(run.Steps.Zip(serial), pair => Assert.Equal(pair.Second.Loss, pair.First.Loss, LaterStepTolerance * pair.Second.Loss));
        if (dataGroups > 1)
        {
            return;
        }

        using var one = new TrainingFixture(plan) { BalanceWeight = BalanceWeight, Batches = new PackedText(plan) };
        await one.Train(1).FishForMessageAsync<TrainingEnded>(_ => true);
        foreach ((BlockHome block, float[] gradient) in await one.GradientsAsync())
        {
            double distance = Cosine.Distance(gradients[block.Name], gradient);
            Assert.True(distance < CosineTolerance, $"{block.Name}: cosine distance {distance:g3}");
        }
    }

    /// <summary>The same bits with nodes that share no memory; the held-out loss is masked too, and other losses come without a mask.</summary>
    [Fact]
    public async Task The_held_out_loss_is_masked_and_nodes_apart_give_the_same_bits()
    {
        RunPlan plan = Plan("dualpipe", 2, 4, dataGroups: 1, modules: 1);
        double[] together = await LossesAsync(plan, new PackedText(plan)), apart = await LossesAsync(plan with { SeparatesNodes = true }, new PackedText(plan));
        double[] seeing = await LossesAsync(plan, new PackedText(plan, masks: false));

        Assert.Equal(together, apart);
        Assert.All(together.Zip(seeing), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Equal(HeldOut(plan, new PackedText(plan)), together[0]);
    }

    /// <summary>The held-out loss of fresh values, then the losses of steps.</summary>
    private static async Task<double[]> LossesAsync(RunPlan plan, IBatchSource batches)
    {
        using var run = new TrainingFixture(plan) { Batches = batches };
        double? heldOut = await run.Run.MeasureHeldOutAsync(TestContext.Timeout());
        await run.TrainAsync<TrainingEnded>(Steps);
        return [heldOut ?? double.NaN, .. run.Steps.Select(step => step.Loss)];
    }

    private static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks, int dataGroups, int modules) =>
        TestPlans.OneRank(TestModels.Small(layers: 4) with { PredictLayers = modules }, sequences: 8, Length) with
        {
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = Math.Max(1, expertRanks / 2),
            DataGroups = dataGroups,
            Schedule = schedule,
            MicroBatches = 2 * pipelineRanks,
        };

    /// <summary>The steps, and the gradients of the first.</summary>
    private static (StepResult[] Steps, Dictionary<string, float[]> Gradients) Serial(RunPlan plan, IBatchSource batches)
    {
        using var serial = new FreshSerial(plan, TestOptimizer.At(1e-3) with { BalanceWeight = BalanceWeight });
        int[] ids = new int[plan.TokensPerStep], targets = new int[ids.Length], positions = new int[ids.Length];
        var steps = new StepResult[Steps];
        var gradients = new Dictionary<string, float[]>();
        for (int step = 1; step <= Steps; step++)
        {
            for (int s = 0; s < plan.Sequences; s++)
            {
                batches.Draw(step, s, ids.AsSpan(s * Length, Length), targets.AsSpan(s * Length, Length));
                batches.DrawPositions(step, s, positions.AsSpan(s * Length, Length));
            }

            steps[step - 1] = serial.Trainer.Step(ids, targets, positions);
            foreach (ParameterBlock block in step == 1 ? serial.Trainer.Gradients.Blocks : [])
            {
                gradients[block.Name] = serial.Trainer.Gradients[block].AsSpan<float>().ToArray();
            }
        }

        return (steps, gradients);
    }

    /// <summary>The held-out loss of fresh values by the serial model: sums of batches, of which the last is not full.</summary>
    private static double HeldOut(RunPlan plan, PackedText batches)
    {
        using var backend = new CpuBackend();
        using IStream stream = backend.CreateStream("serial");
        using var weights = new ModelWeights(backend, plan.Model, ModelPart.Whole(plan.Model, plan.ExpertPlacement()));
        weights.Initialize(stream, seed: 1);
        var cut = new BatchPlan(plan.Sequences, plan.MicroBatches, plan.ExpertRanks);
        using var model = new SerialModel(
            backend, stream, weights, plan.ExpertPlacement(), new SerialOptions(plan.ExpertRanks, cut.MaxChunkSequences, Length, ActivationMode.ForwardOnly));
        double[] sums = new double[1 + plan.Model.PredictLayers];
        (double loss, long all) = (0, 0);
        for (int first = 0; first < batches.HeldOutSequences; first += plan.Sequences)
        {
            double batch = 0;
            long counted = 0;
            for (int m = 0; m < cut.MicroBatches; m++)
            {
                for (int source = 0; source < cut.SourceRanks; source++)
                {
                    int count = cut.CountOf(m, source);
                    int[] ids = new int[count * Length], targets = new int[ids.Length], positions = new int[ids.Length];
                    for (int i = 0; i < count; i++)
                    {
                        int number = first + cut.SequenceOf(m, source, i);
                        batches.DrawHeldOut(number, ids.AsSpan(i * Length, Length), targets.AsSpan(i * Length, Length));
                        batches.DrawHeldOutPositions(number, positions.AsSpan(i * Length, Length));
                    }

                    counted += targets.Count(target => target >= 0);
                    model.SetChunk(source, ids, targets, Length, positions: positions);
                }

                model.Forward();
                model.Loss(new float[sums.Length], sums);
                batch += sums[0];
            }

            (loss, all) = (loss + (batch / counted * counted), all + counted);
        }

        return loss / all;
    }

    /// <summary>Random documents, a pure function of step and number; the last of a sequence goes on behind it.</summary>
    private sealed class PackedText(RunPlan plan, bool masks = true) : IBatchSource
    {
        private const int HeldOutStep = 1000;

        public bool MasksDocuments => masks;

        public int HeldOutSequences => (2 * plan.Sequences) - 3;

        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            int[] tokens = TestModels.Tokens(1, Length, plan.Model.VocabularySize, (step * 100) + sequence);
            Span<int> positions = stackalloc int[Length];
            DrawPositions(step, sequence, positions);
            for (int i = 0; i < Length; i++)
            {
                ids[i] = tokens[i];
                targets[i] = i + 1 < Length && positions[i + 1] == 0 ? -1 : tokens[i + 1];
            }
        }

        public void DrawPositions(int step, int sequence, Span<int> positions)
        {
            var random = new Random((step * 100) + sequence + 7);
            for (int i = 0; i < positions.Length; i++)
            {
                positions[i] = i == 0 || random.Next(3) == 0 ? 0 : positions[i - 1] + 1;
            }
        }

        public void CountTargets(int step, int sequences, int length, Span<long> counts) => CountTargets(step, 0, sequences, length, counts);

        public void DrawHeldOut(int sequence, Span<int> ids, Span<int> targets)
        {
            if (sequence < HeldOutSequences)
            {
                Draw(HeldOutStep, sequence, ids, targets);
            }
            else
            {
                ids.Clear();
                targets.Fill(-1);
            }
        }

        public void DrawHeldOutPositions(int sequence, Span<int> positions) => DrawPositions(HeldOutStep, sequence, positions);

        public void CountHeldOutTargets(int first, int sequences, int length, Span<long> counts) => CountTargets(HeldOutStep, first, sequences, length, counts);

        private void CountTargets(int step, int first, int sequences, int length, Span<long> counts)
        {
            counts.Clear();
            int[] ids = new int[length], targets = new int[length];
            for (int s = first; s < first + sequences; s++)
            {
                Draw(step, s, ids, targets);
                PredictionTokens.CountTargets(targets, counts);
            }
        }
    }
}
