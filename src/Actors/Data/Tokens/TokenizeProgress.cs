namespace Actors.Runtime.Data.Tokens;

/// <summary>How far a tokenization has come.</summary>
/// <param name="Bytes">Bytes of the inputs behind it, those of an earlier run among them.</param>
/// <param name="TotalBytes">Bytes of all inputs.</param>
/// <param name="Documents">Documents written.</param>
/// <param name="Tokens">Tokens written.</param>
public readonly record struct TokenizeProgress(long Bytes, long TotalBytes, long Documents, long Tokens);
