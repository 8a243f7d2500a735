namespace Actors.Runtime.Configuration;

/// <summary>Finds the key that someone meant.</summary>
internal static class NearestKey
{
    /// <summary>The key with the least insertions, deletions and replacements; one with the same last part is preferred.</summary>
    public static string To(string key, IReadOnlyList<string> keys)
    {
        string nearest = keys[0];
        int least = int.MaxValue;
        foreach (string candidate in keys)
        {
            int distance = LastPart(candidate) == LastPart(key) ? 0 : 2 * Distance(LastPart(key), LastPart(candidate)) + 1;
            distance = (distance * 64) + Distance(key, candidate);
            if (distance < least)
            {
                (nearest, least) = (candidate, distance);
            }
        }

        return nearest;
    }

    private static string LastPart(string key) => key[(key.LastIndexOf('.') + 1)..];

    /// <summary>Levenshtein's distance, one row of the table at a time.</summary>
    private static int Distance(string from, string to)
    {
        int[] row = new int[to.Length + 1];
        for (int column = 0; column <= to.Length; column++)
        {
            row[column] = column;
        }

        for (int i = 0; i < from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < to.Length; j++)
            {
                int replace = diagonal + (from[i] == to[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(replace, Math.Min(diagonal, row[j]) + 1);
            }
        }

        return row[^1];
    }
}
