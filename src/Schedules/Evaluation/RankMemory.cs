namespace Actors.Schedules.Evaluation;

/// <summary>The memory that one rank needs for a timetable.</summary>
/// <param name="PeakChunks">
/// The most chunks (one micro-batch at one stage) that it holds activations of at once: from a forward until its B, or its W after an I.
/// In a pair both chunks count.
/// </param>
/// <param name="PeakActivations">The most memory that activations take at once, which need not be when most chunks are held.</param>
/// <param name="Stages">Number of stages whose parameters it holds.</param>
/// <param name="Parameters">Memory that these parameters take.</param>
public readonly record struct RankMemory(int PeakChunks, double PeakActivations, int Stages, double Parameters);
