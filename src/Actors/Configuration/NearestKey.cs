using Actors.Schedules;

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
            int distance = LastPart(candidate) == LastPart(key) ? 0 : 2 * EditDistance.Between(LastPart(key), LastPart(candidate)) + 1;
            distance = (distance * 64) + EditDistance.Between(key, candidate);
            if (distance < least)
            {
                (nearest, least) = (candidate, distance);
            }
        }

        return nearest;
    }

    private static string LastPart(string key) => key[(key.LastIndexOf('.') + 1)..];
}
