namespace Actors.Model.Training;

/// <summary>A number of training that holds from some token on.</summary>
/// <param name="FromTokens">Steps with at least so many tokens before them have it.</param>
/// <param name="Value">The number.</param>
public sealed record LaterValue(long FromTokens, double Value)
{
    /// <summary>The value at a step: <paramref name="first"/>, or that of <paramref name="later"/> from its token on.</summary>
    internal static double At(StepPosition at, double first, LaterValue? later) =>
        later is not null && at.TokensBefore >= later.FromTokens ? later.Value : first;
}
