using Actors.Model.Training;

namespace Actors.Runtime.Configuration;

/// <summary><c>actors.training.batch-ramp</c>: a batch that grows.</summary>
internal static class BatchRampSettings
{
    /// <summary>Sequences of the first steps.</summary>
    public const string StartKey = $"{Section}.start-sequences";

    private const string Section = $"{TrainingSettings.Section}.batch-ramp";

    /// <summary>Reads the ramp; null: every step is full.</summary>
    /// <param name="reader">Reads.</param>
    /// <param name="sequences">Sequences of a full step.</param>
    /// <param name="passSequences">Sequences of a full pass.</param>
    public static BatchRamp? Read(SettingsReader reader, int sequences, int passSequences)
    {
        int? start = reader.OptionalInt(StartKey, most: sequences);
        int? increment = reader.OptionalInt($"{Section}.increment", most: sequences);
        long? tokens = reader.OptionalLong($"{Section}.tokens", least: 1);
        if (start is null != tokens is null)
        {
            throw reader.Broken(
                start is null ? $"{Section}.tokens" : StartKey, $"{StartKey} and {Section}.tokens make a ramp together; set both, or leave both null");
        }

        return start is null ? null : new BatchRamp(start.Value, increment ?? passSequences, tokens!.Value);
    }
}
