using Actors.Model;
using Actors.Model.Training;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;

namespace Actors.Runtime.Tests.Configuration;

public sealed class ProfileTests
{
    public static TheoryData<string> Profiles() =>
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "hocon"), "*.conf", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_profile_loads(string profile)
    {
        ActorsSettings settings = Read(profile);

        Assert.True(PlanOf(settings).Ranks >= 1);
        Assert.Contains(settings.Effective, s => s.Origin.Source.EndsWith(profile, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_origin_is_a_line_that_has_the_key(string profile)
    {
        foreach (EffectiveSetting setting in Read(profile).Effective)
        {
            string file = setting.Origin.Source == "reference.conf"
                ? Path.Combine(Repository.Root, "src/Actors/Configuration/reference.conf")
                : setting.Origin.Source;
            string line = File.ReadLines(file).ElementAt(setting.Origin.Line - 1);
            Assert.Contains(setting.Key[(setting.Key.LastIndexOf('.') + 1)..] + " =", line, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_quickstart_is_the_default_shape()
    {
        ActorsSettings quickstart = Read("hocon/quickstart.conf");

        Assert.Equal(CheckedSettings.Read(LayeredConfiguration.Load(null)).Model, quickstart.Model);
        Assert.Equal(1024, quickstart.Training.TokensPerStep);
        Assert.Equal(8, PlanOf(quickstart).Ranks);
        Assert.Equal(2, PlanOf(quickstart).GroupNodes);
        Assert.Equal(4, PlanOf(quickstart).Nodes);
    }

    [Fact]
    public void Shakespeare_stays_within_its_budget_of_parameters_and_tokens()
    {
        ActorsSettings settings = Read("hocon/shakespeare.conf");

        Assert.InRange(ParameterCount.Active(settings.Model.Config), 1, 850_000);
        Assert.InRange(settings.Training.Steps * settings.Training.TokensPerStep, 1, 1_540_000);
    }

    [Fact]
    public void Deepseek_v3_has_the_published_numbers_of_parameters_and_ranks()
    {
        ActorsSettings settings = Read("hocon/deepseek-v3.conf");

        // The report says 671B in all and 37B active; the prediction module is not among them, embedding and head are.
        Assert.Equal(671.0, ParameterCount.Total(settings.Model.Config) / 1e9, 0.5);
        Assert.Equal(37.0, ParameterCount.Active(settings.Model.Config) / 1e9, 0.6);
        Assert.Equal(2048, PlanOf(settings).Ranks);
        Assert.Equal(8, PlanOf(settings).GroupNodes);
        Assert.Equal(256, PlanOf(settings).Nodes);
    }

    /// <summary>Technical report, section 4.2: 14.8T tokens, each boundary at the first step with so many tokens before it.</summary>
    [Fact]
    public void Deepseek_v3_is_trained_on_the_published_schedule()
    {
        TrainingSettings training = Read("hocon/deepseek-v3.conf").Training;
        (BatchSchedule batches, LearningRateSchedule rate) = (training.PlanBatches(), training.LearningRate.Schedule);

        Assert.InRange(batches.PositionOf(training.Steps + 1).TokensBefore, 14_800_000_000_000, 14_800_000_000_000 + training.TokensPerStep);
        Assert.Equal((3072, 15360), (batches.SequencesOf(1), batches.SequencesOf(training.Steps)));

        // 64 sequences a micro-batch of a data group; DualPipe has at least two micro-batches a rank, so the first stage has 32 instead of 24.
        Assert.Equal([32, 36, 48, 60, 72, 84, 96, 108, 120], PlanOf(Read("hocon/deepseek-v3.conf")).MicroBatchCounts());
        Assert.Equal(2.2e-4, rate.At(batches.PositionOf(2000)), 1e-15);
        Assert.Equal(2.2e-4, rate.At(new StepPosition(168000, 10_000_000_000_000)), 1e-15);
        Assert.Equal(2.2e-5, rate.At(new StepPosition(240000, 14_300_000_000_000)), 1e-15);
        Assert.Equal(7.3e-6, rate.At(batches.PositionOf(training.Steps)), 1e-15);
        Assert.Equal((10_000_000_000_000, 0.1), (training.LaterPredictionWeight!.FromTokens, training.LaterPredictionWeight.Value));
        Assert.Equal((14_300_000_000_000, 0.0), (training.LaterBiasUpdateSpeed!.FromTokens, training.LaterBiasUpdateSpeed.Value));
    }

    [Fact]
    public void Ep32_is_four_nodes_of_eight_ranks()
    {
        ActorsSettings settings = Read("hocon/ep32.conf");

        Assert.Equal(4, PlanOf(settings).Nodes);
        Assert.Equal(32, PlanOf(settings).Ranks);
        Assert.Equal(10, settings.Fabric.Channels);
        Assert.Equal(7168, settings.Model.Config.HiddenSize);
    }

    [Fact]
    public void The_learning_rate_warms_up_stays_decays_and_ends_at_the_floor()
    {
        var rate = new LearningRateSettings(Peak: 1, WarmupSteps: 10, ConstantUntilStep: 20, DecayUntilStep: 40, Floor: 0.1);

        Assert.Equal(0.1, rate.Schedule.At(new StepPosition(1, 0)), 1e-12);
        Assert.Equal(0.9, rate.Schedule.At(new StepPosition(9, 0)), 1e-12);
        Assert.Equal(1, rate.Schedule.At(new StepPosition(10, 0)), 1e-12);
        Assert.Equal(1, rate.Schedule.At(new StepPosition(20, 0)), 1e-12);
        Assert.Equal(0.55, rate.Schedule.At(new StepPosition(30, 0)), 1e-12);
        Assert.Equal(0.1, rate.Schedule.At(new StepPosition(40, 0)), 1e-12);
        Assert.Equal(0.1, rate.Schedule.At(new StepPosition(1000, 0)), 1e-12);
    }

    [Fact]
    public void The_learning_rate_decays_to_the_last_step_unless_told_otherwise()
    {
        LearningRateSettings rate = CheckedSettings.Read(
            LayeredConfiguration.Load(null, [ConfigurationOverride.Parse("actors.training.steps=50")])).Training.LearningRate;

        Assert.Equal(rate.WarmupSteps, rate.ConstantUntilStep);
        Assert.Equal(50, rate.DecayUntilStep);
        Assert.Equal(rate.Floor, rate.Schedule.At(new StepPosition(50, 0)), 1e-12);
    }

    private static ActorsSettings Read(string profile) =>
        CheckedSettings.Read(LayeredConfiguration.Load(Path.Combine(Repository.Root, profile)));

    /// <summary>Elements of all matrices and vectors, multi-token prediction left out.</summary>
    private static class ParameterCount
    {
        public static long Total(ModelConfig config) => Count(config, config.RoutedExperts);

        public static long Active(ModelConfig config) => Count(config, config.ExpertsPerToken);

        private static long Count(ModelConfig config, int routed)
        {
            long expert = 3L * config.HiddenSize * config.ExpertIntermediateSize;
            long gate = ((long)config.HiddenSize + 1) * config.RoutedExperts;
            long sparse = (routed + config.SharedExperts) * expert + gate;
            long dense = 3L * config.HiddenSize * config.IntermediateSize;
            long layers = config.Layers * (Attention(config) + 2L * config.HiddenSize)
                + config.FirstDenseLayers * dense + (config.Layers - config.FirstDenseLayers) * sparse;
            return layers + 2L * config.VocabularySize * config.HiddenSize + config.HiddenSize;
        }

        private static long Attention(ModelConfig config)
        {
            long queries = (long)config.Heads * config.QueryHeadSize;
            long query = config.QueryRank is { } rank ? rank * (config.HiddenSize + 1 + queries) : config.HiddenSize * queries;
            long keyValue = (long)config.HiddenSize * (config.KeyValueRank + config.RopeHeadSize)
                + config.KeyValueRank * (1 + (long)config.Heads * (config.NopeHeadSize + config.ValueHeadSize));
            return query + keyValue + (long)config.Heads * config.ValueHeadSize * config.HiddenSize;
        }
    }

    private static RunPlan PlanOf(ActorsSettings settings) => RunPlan.Of(settings, settings.Model.Config);
}
