using System.Globalization;
using System.Text;
using System.Text.Json;
using Actors.Cli.Progress;
using Actors.Cli.Runs;
using Actors.Model.Training;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;

namespace Actors.Cli.Commands;

/// <summary>The steps of a run at which batch, learning rate, λ or γ change their course, with what they are there.</summary>
internal static class ScheduleTable
{
    /// <summary>Stages of a growing batch that are shown; of more only some.</summary>
    private const int MostStages = 32;

    private static readonly string[] Columns = ["step", "tokens before", "sequences", "passes", "micro-batches", "rate", "prediction weight", "bias speed"];

    /// <summary>The table, or a JSON array for machines.</summary>
    public static string Of(ActorsSettings settings, bool isJson)
    {
        // How passes are cut does not depend on the model, which may be in a folder.
        RunPlan plan = RunPlan.Of(settings, settings.Model.Config);
        return isJson ? JsonText.Of(json => Write(json, settings.Training, plan), indented: false) : Text(settings.Training, plan);
    }

    /// <summary>The steps that are shown, ascending.</summary>
    private static SortedSet<int> StepsOf(TrainingSettings training, BatchSchedule batches)
    {
        LearningRateSchedule rate = training.LearningRate.Schedule;
        var steps = new SortedSet<long> { 1, rate.WarmUpSteps, rate.WarmUpSteps + 1L, training.Steps };
        (long FirstStep, int)[] stages = [.. batches.Stages];
        int every = 1 + (stages.Length / MostStages);
        steps.UnionWith(stages.Where((_, i) => i % every == 0 || i == stages.Length - 1).Select(stage => stage.FirstStep));
        if (rate.Decay is null)
        {
            steps.UnionWith([training.LearningRate.ConstantUntilStep, training.LearningRate.DecayUntilStep]);
        }

        long?[] boundaries =
        [
            rate.Decay?.First, rate.Decay?.End, .. rate.Later.Select(later => (long?)later.FromTokens), training.LaterPredictionWeight?.FromTokens,
            training.LaterBiasUpdateSpeed?.FromTokens,
        ];
        steps.UnionWith(boundaries.OfType<long>().Select(tokens => (long)FirstStepFrom(batches, tokens, training.Steps)));
        return [.. steps.Where(step => step >= 1 && step <= training.Steps).Select(step => (int)step)];
    }

    /// <summary>The first step with at least so many tokens before it; the step behind the last where there is none.</summary>
    private static int FirstStepFrom(BatchSchedule batches, long tokens, int lastStep)
    {
        (long first, long end) = (1, lastStep + 1L);
        while (first < end)
        {
            long middle = (first + end) / 2;
            (first, end) = batches.PositionOf((int)middle).TokensBefore >= tokens ? (first, middle) : (middle + 1, end);
        }

        return (int)Math.Min(first, int.MaxValue);
    }

    /// <summary>Micro-batches of a step's passes: one number, or two where its sequences do not divide over them.</summary>
    private static IEnumerable<int> MicroBatches(RunPlan plan, int step) =>
        plan.Batches!.PassSizesOf(step).Select(sequences => plan.CutOf(sequences).MicroBatches).Distinct();

    private static string Text(TrainingSettings training, RunPlan plan)
    {
        (BatchSchedule batches, OptimizerOptions optimizer) = (plan.Batches!, Plans.OptimizerOf(training));
        string[][] rows = [Columns, .. StepsOf(training, batches).Select(step => Row(plan, optimizer, step))];
        int[] widths = [.. Columns.Select((_, column) => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            text.AppendJoin("  ", row.Select((cell, column) => cell.PadLeft(widths[column]))).Append('\n');
        }

        long tokens = batches.SequencesBefore(training.Steps) + batches.SequencesOf(training.Steps);
        return text.Append(CultureInfo.InvariantCulture, $"{training.Steps} steps, {Quantity.Short((double)tokens * training.SequenceLength)} tokens\n").ToString();
    }

    private static string[] Row(RunPlan plan, OptimizerOptions optimizer, int step)
    {
        BatchSchedule batches = plan.Batches!;
        StepPosition at = batches.PositionOf(step);
        return
        [
            Whole(step), Whole(at.TokensBefore), Whole(batches.SequencesOf(step)), Whole(batches.PassesOf(step)),
            string.Join(" or ", MicroBatches(plan, step).Select(count => Whole(count))),
            optimizer.LearningRate.At(at).ToString("0.00e-00", CultureInfo.InvariantCulture), Number(optimizer.PredictionWeightAt(at)), Number(optimizer.BiasUpdateSpeedAt(at)),
        ];
    }

    private static void Write(Utf8JsonWriter json, TrainingSettings training, RunPlan plan)
    {
        (BatchSchedule batches, OptimizerOptions optimizer) = (plan.Batches!, Plans.OptimizerOf(training));
        json.WriteStartArray();
        foreach (int step in StepsOf(training, batches))
        {
            StepPosition at = batches.PositionOf(step);
            json.WriteStartObject();
            json.WriteNumber("step", step);
            json.WriteNumber("tokensBefore", at.TokensBefore);
            json.WriteNumber("sequences", batches.SequencesOf(step));
            json.WriteNumber("passes", batches.PassesOf(step));
            json.WriteStartArray("microBatches");
            foreach (int count in MicroBatches(plan, step))
            {
                json.WriteNumberValue(count);
            }

            json.WriteEndArray();
            json.WriteNumber("learningRate", optimizer.LearningRate.At(at));
            json.WriteNumber("predictionWeight", optimizer.PredictionWeightAt(at));
            json.WriteNumber("biasUpdateSpeed", optimizer.BiasUpdateSpeedAt(at));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Number(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);
}
