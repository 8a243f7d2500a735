using Actors.Cpu;
using Actors.Oracle;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Training;

namespace Actors.Runtime.Tests.Training;

/// <summary>The balance loss at every kind of placement: the same bits as the serial model's, and its gradient in the gate's.</summary>
public sealed class BalanceThroughActors
{
    private const int Length = 8;

    /// <summary>So large that a gate's gradient is mostly that of the balance loss.</summary>
    private const double Weight = 0.5;

    public static TheoryData<string, int, int, int, int> Placements() => new()
    {
        { "1f1b", 1, 1, 1, 0 },
        { "1f1b", 2, 4, 1, 2 },
        { "dualpipe", 2, 4, 1, 1 },
        { "zbv", 2, 2, 1, 0 },
        { "interleaved-1f1b", 2, 2, 1, 2 },
        { "dualpipe", 2, 2, 2, 0 },
    };

    [Theory]
    [MemberData(nameof(Placements))]
    public async Task The_balance_loss_of_a_step_has_the_serial_bits(string schedule, int pipelineRanks, int expertRanks, int dataGroups, int modules)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks, dataGroups, modules);
        foreach (bool separates in (bool[])[false, true])
        {
            using var training = new TrainingFixture(plan with { SeparatesNodes = separates }) { BalanceWeight = Weight, Batches = new Windows(plan) };
            await training.TrainAsync<TrainingEnded>(1);

            StepResult serial = SerialStep(plan);
            Assert.Equal(serial.Balance, training.Steps[0].Balance);
            Assert.Equal(serial.Loss, training.Steps[0].Loss, 1e-13);

            // Σ f_i P_i of each layer is near 1 where experts are chosen evenly, as fresh gates nearly do.
            int layers = Enumerable.Range(0, plan.Model.AllLayers).Count(plan.Model.HasExperts);
            Assert.InRange(serial.Balance / Weight / layers, 0.9, 1.5);
        }
    }

    [Theory]
    [MemberData(nameof(Placements))]
    public async Task Its_gradient_is_in_the_serial_gradient(string schedule, int pipelineRanks, int expertRanks, int dataGroups, int modules)
    {
        RunPlan plan = Plan(schedule, pipelineRanks, expertRanks, dataGroups, modules);
        int[] tokens = TestModels.Tokens(plan.Sequences, Length - 1, plan.Model.VocabularySize, seed: 7);
        ParityRun serial = ParityRun.Serial(plan, tokens, new CpuBackend(), Weight), without = ParityRun.Serial(plan, tokens);

        ParityRun actors = await ParityRun.ThroughActorsAsync(plan, tokens, balanceWeight: Weight);

        actors.AssertOutputsEqual(serial);
        string[] gates = [.. serial.Gradients.Keys.Where(name => name.EndsWith("mlp.gate", StringComparison.Ordinal))];
        Assert.NotEmpty(gates);
        Assert.All(gates, gate => Assert.True(Cosine.Distance(serial.Gradients[gate], without.Gradients[gate]) > 0.01, $"{gate} has no balance gradient"));
    }

    /// <summary>Two of four groups are kept, and each of four nodes has one: a token reaches at most two nodes, and at least one.</summary>
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(4, 1)]
    public async Task Steps_report_the_nodes_that_tokens_reach(int ranksPerNode, int most)
    {
        RunPlan plan = Plan("1f1b", pipelineRanks: 2, expertRanks: 4, dataGroups: 1, modules: 1) with { RanksPerNode = ranksPerNode };
        Assert.Equal(most, plan.NodesOfToken);
        using var training = new TrainingFixture(plan) { Batches = new Windows(plan) };
        await training.TrainAsync<TrainingEnded>(1);

        StepCompleted step = training.Steps[0];
        Assert.Equal(most, step.MaxNodesOfToken);
        Assert.InRange(step.MeanNodesOfToken, 1, most);

        // Tokens that keep two groups mostly choose experts of both.
        Assert.True(most == 1 || step.MeanNodesOfToken > 1.25, $"{step.MeanNodesOfToken}");
    }

    [Fact]
    public async Task A_run_without_it_reports_none()
    {
        using var training = new TrainingFixture();
        await training.TrainAsync<TrainingEnded>(1);
        Assert.Equal(0, training.Steps[0].Balance);
    }

    private static StepResult SerialStep(RunPlan plan)
    {
        using var serial = new FreshSerial(plan, TestOptimizer.At(1e-3) with { BalanceWeight = Weight });
        return serial.Trainer.Step(Windows.Tokens(plan));
    }

    private static RunPlan Plan(string schedule, int pipelineRanks, int expertRanks, int dataGroups, int modules) =>
        TestPlans.OneRank(TestModels.Small(layers: 5) with { PredictLayers = modules }, sequences: 8, Length) with
        {
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = Math.Max(1, expertRanks / 2),
            DataGroups = dataGroups,
            Schedule = schedule,
            MicroBatches = schedule is "1f1b" ? pipelineRanks + 1 : 2 * pipelineRanks,
        };

    /// <summary>Sequences whose targets are their own next tokens.</summary>
    private sealed class Windows(RunPlan plan) : IBatchSource
    {
        /// <summary>(sequences, length + 1).</summary>
        public static int[] Tokens(RunPlan plan) => TestModels.Tokens(plan.Sequences, Length, plan.Model.VocabularySize, seed: 7);

        public void Draw(int step, int sequence, Span<int> ids, Span<int> targets)
        {
            ReadOnlySpan<int> window = Tokens(plan).AsSpan(sequence * (Length + 1), Length + 1);
            window[..^1].CopyTo(ids);
            window[1..].CopyTo(targets);
        }
    }
}
