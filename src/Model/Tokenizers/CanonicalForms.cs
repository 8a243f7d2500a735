using System.Globalization;

namespace Actors.Model.Tokenizers;

/// <summary>Unicode's table of canonical forms, from <c>CanonicalForms.txt</c>.</summary>
/// <param name="Parts">What a character is decomposed to, which may be decomposed again.</param>
/// <param name="Composed">What two characters are composed to.</param>
/// <param name="Classes">The combining classes above 0.</param>
internal sealed record CanonicalForms(
    IReadOnlyDictionary<int, int[]> Parts, IReadOnlyDictionary<(int First, int Second), int> Composed, IReadOnlyDictionary<int, int> Classes)
{
    private const string Resource = "Actors.Model.CanonicalForms.txt";

    /// <summary>Combining class of a character; 0: it begins a new one.</summary>
    public int ClassOf(int point) => Classes.GetValueOrDefault(point);

    /// <summary>Reads the table.</summary>
    public static CanonicalForms Read()
    {
        using Stream stream = typeof(CanonicalForms).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        var parts = new Dictionary<int, int[]>();
        var composed = new Dictionary<(int, int), int>();
        var classes = new Dictionary<int, int>();
        while (reader.ReadLine() is { } line)
        {
            if (line.IndexOfAny(['=', '>']) is int at and > 0 && line[0] != '#')
            {
                int point = Hex(line[..at]);
                int[] into = Array.ConvertAll(line[(at + 1)..].Split(' '), Hex);
                parts.Add(point, into);
                if (line[at] == '=')
                {
                    composed.Add((into[0], into[1]), point);
                }
            }
            else if (line.Split('-', ':') is [var first, var last, var kind] && line[0] != '#')
            {
                for (int point = Hex(first); point <= Hex(last); point++)
                {
                    classes.Add(point, int.Parse(kind, CultureInfo.InvariantCulture));
                }
            }
        }

        return new CanonicalForms(parts, composed, classes);
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
