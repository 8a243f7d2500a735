namespace Actors.Model.Training;

/// <summary>A batch that grows in equal stages, such as DeepSeek-V3's from 3072 to 15360 sequences over 469B tokens (technical report, section 4.2).</summary>
/// <param name="Start">Sequences of the first steps.</param>
/// <param name="Increment">Sequences that a step has more from stage to stage; the last stage before full steps may grow by fewer.</param>
/// <param name="Tokens">Tokens from which on steps are full; the stages before share them equally.</param>
public sealed record BatchRamp(int Start, int Increment, long Tokens);
