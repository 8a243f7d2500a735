namespace Actors.Runtime.Serving;

/// <summary>Numbers of rows that each expert rank has decoded.</summary>
/// <param name="batches">The ranks' sequences.</param>
/// <param name="maxRows">Most of a rank.</param>
internal sealed class DecodedRows(SequenceBatch[] batches, int maxRows)
{
    private readonly HashSet<int>[] _rows = [.. batches.Select(_ => new HashSet<int>())];

    /// <summary>Notes the rows of a step that begins.</summary>
    /// <returns>Whether no rank decodes so many for the first time.</returns>
    public bool AddAll()
    {
        bool isRepeated = true;
        for (int rank = 0; rank < batches.Length; rank++)
        {
            isRepeated &= !_rows[rank].Add(DecodeRecordings.RowsFor(batches[rank].Count, maxRows));
        }

        return isRepeated;
    }
}
