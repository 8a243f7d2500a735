namespace Actors.Runtime.Data.Tokens;

/// <summary>A place in the texts that are tokenized, where a document begins.</summary>
/// <param name="Input">Number of the file, from 0.</param>
/// <param name="Offset">Byte in it.</param>
internal readonly record struct InputPosition(int Input, long Offset);
