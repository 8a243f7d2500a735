using System.Diagnostics.Metrics;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Training;

namespace Actors.Runtime.Diagnostics;

/// <summary>Instruments of training, added to once a step.</summary>
internal sealed class TrainingMeters
{
    private readonly Counter<long> _steps;
    private readonly Counter<long> _tokens;
    private readonly Histogram<double> _stepDuration;
    private readonly Gauge<double> _loss;
    private readonly Gauge<double> _gradientNorm;
    private readonly Gauge<double> _learningRate;
    private readonly Counter<double> _compute;
    private readonly Counter<double> _experts;
    private readonly Counter<double> _exposed;
    private readonly Counter<double> _hidden;
    private readonly Counter<double> _skew;
    private readonly Counter<double> _bubble;
    private LayerLoad[] _load = [];
    private long[] _expertTokens = [];

    public TrainingMeters(Meter meter)
    {
        _steps = meter.CreateCounter<long>("actors.train.steps", "{step}", "Training steps.");
        _tokens = meter.CreateCounter<long>("actors.train.tokens", "{token}", "Tokens trained on.");
        _stepDuration = meter.CreateHistogram(
            "actors.train.step.duration", "s", "Time of a step, update included.", tags: null, RuntimeMeters.Durations);
        _loss = meter.CreateGauge<double>("actors.train.loss", "{nat}", "Mean loss of the last step's tokens.");
        _gradientNorm = meter.CreateGauge<double>("actors.train.gradient.norm", "{norm}", "Norm of the last step's gradients before clipping.");
        _learningRate = meter.CreateGauge<double>("actors.train.learning_rate", "{rate}", "Learning rate of the last step.");
        _compute = meter.CreateCounter<double>("actors.train.compute.time", "s", "Stages compute, summed over ranks.");
        _experts = meter.CreateCounter<double>("actors.train.experts.time", "s", "Stages wait for their shard to compute, summed over ranks.");
        _exposed = meter.CreateCounter<double>(
            "actors.train.communication.exposed.time", "s", "Stages wait for rows that all ranks have begun to send, summed over ranks.");
        _skew = meter.CreateCounter<double>(
            "actors.train.skew.time", "s", "Stages wait for rows that a rank has not yet begun to send, summed over ranks.");
        _hidden = meter.CreateCounter<double>(
            "actors.train.communication.hidden.time", "s", "Rows are on their way while their rank computes, summed over ranks.");
        _bubble = meter.CreateCounter<double>("actors.train.bubble.time", "s", "Stages wait for another stage, summed over ranks.");
        meter.CreateObservableCounter("actors.train.expert.tokens", ExpertTokens, "{token}", "Tokens that chose an expert, summed over layers.");
        meter.CreateObservableGauge("actors.train.expert.load.max", () => Load(max: true), "1", "Load of a layer's most chosen expert in the last step, by the mean.");
        meter.CreateObservableGauge("actors.train.expert.load.min", () => Load(max: false), "1", "Load of a layer's least chosen expert in the last step, by the mean.");
    }

    public void StepCompleted(StepCompleted step, TimeProvider time)
    {
        _steps.Add(1);
        _tokens.Add(step.Tokens);
        _stepDuration.Record(step.Seconds);
        _loss.Record(step.Loss);
        _gradientNorm.Record(step.GradientNorm);
        _learningRate.Record(step.LearningRate);
        RankTimes times = step.Times;
        _compute.Add(Seconds(times.Compute, time));
        _experts.Add(Seconds(times.Experts, time));
        _exposed.Add(Seconds(times.ExposedCommunication, time));
        _hidden.Add(Seconds(times.Communication.Hidden, time));
        _skew.Add(Seconds(times.Skew, time));
        _bubble.Add(Seconds(times.Bubble, time));
        AddLoad([.. step.Load]);
    }

    private void AddLoad(LayerLoad[] load)
    {
        if (load.Length > 0 && load[0].Counts.Length > _expertTokens.Length)
        {
            Array.Resize(ref _expertTokens, load[0].Counts.Length);
        }

        foreach (LayerLoad layer in load)
        {
            for (int expert = 0; expert < layer.Counts.Length; expert++)
            {
                _expertTokens[expert] += layer.Counts[expert];
            }
        }

        Volatile.Write(ref _load, load);
    }

    private IEnumerable<Measurement<long>> ExpertTokens() =>
        Volatile.Read(ref _expertTokens).Select((tokens, expert) => new Measurement<long>(tokens, new KeyValuePair<string, object?>("expert", expert)));

    private IEnumerable<Measurement<double>> Load(bool max)
    {
        foreach (LayerLoad layer in Volatile.Read(ref _load))
        {
            double mean = layer.Counts.Average();
            if (mean > 0)
            {
                yield return new Measurement<double>(
                    (max ? layer.Counts.Max() : layer.Counts.Min()) / mean, new KeyValuePair<string, object?>("layer", layer.Layer));
            }
        }
    }

    private static double Seconds(long ticks, TimeProvider time) => time.GetElapsedTime(0, ticks).TotalSeconds;
}
