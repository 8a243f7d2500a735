namespace Actors.Runtime.Training.Reports;

/// <summary>A text and how a model goes on with it.</summary>
/// <param name="Prompt">The given text.</param>
/// <param name="Continuation">What the model wrote.</param>
public sealed record TextSample(string Prompt, string Continuation);
