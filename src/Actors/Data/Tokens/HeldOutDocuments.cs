namespace Actors.Runtime.Data.Tokens;

/// <summary>
/// Which documents are held out: each by a hash of its number, so that the same ones are in every run, whatever its seed, and stay where files are added
/// behind.
/// </summary>
/// <param name="fraction">Share of the documents, 0 to below 1.</param>
internal readonly struct HeldOutDocuments(double fraction)
{
    private static readonly ulong Seed = RandomBits.Of(seed: 0);

    private readonly ulong _below = (ulong)(fraction * ulong.MaxValue);

    /// <summary>Whether a document is held out.</summary>
    public bool Has(long document) => RandomBits.Of(Seed, document) < _below;
}
