namespace Actors.Schedules;

/// <summary>How far two names are apart, for errors that say which one was meant.</summary>
public static class EditDistance
{
    /// <summary>
    /// The least number of characters to insert, delete or replace that makes one text the other (Levenshtein's distance). Case counts.
    /// Takes time in proportion to the product of the lengths, one row of the table at a time.
    /// </summary>
    public static int Between(ReadOnlySpan<char> from, ReadOnlySpan<char> to)
    {
        var row = new int[to.Length + 1];
        for (var column = 0; column <= to.Length; column++)
        {
            row[column] = column;
        }

        for (var i = 0; i < from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i + 1;
            for (var j = 0; j < to.Length; j++)
            {
                var replaced = diagonal + (from[i] == to[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replaced, Math.Min(diagonal, row[j]) + 1);
            }
        }

        return row[^1];
    }
}
