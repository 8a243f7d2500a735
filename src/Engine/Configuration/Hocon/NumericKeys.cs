using System.Globalization;

namespace Akka.Configuration.Hocon;

/// <summary>Reads an object whose keys are whole numbers as an array, where an array is wanted.</summary>
internal static class NumericKeys
{
    /// <summary>The values of the numeric keys by rising key, other keys ignored; null when no key is a number.</summary>
    public static List<T>? InOrder<T>(Dictionary<string, T> fields)
    {
        var numbered = new List<(int Index, T Value)>();
        foreach ((string key, T value) in fields)
        {
            if (int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                numbered.Add((index, value));
        }

        if (numbered.Count == 0)
            return null;
        numbered.Sort(static (a, b) => a.Index.CompareTo(b.Index));
        return numbered.ConvertAll(static n => n.Value);
    }
}
