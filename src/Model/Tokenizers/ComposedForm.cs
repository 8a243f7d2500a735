using System.Text;

namespace Actors.Model.Tokenizers;

/// <summary>
/// Unicode's composed form, NFC (UAX 15): decomposed canonically, marks ordered by their class, composed again. The framework's own needs the ICU
/// library, which the command goes without.
/// </summary>
internal static class ComposedForm
{
    private const int FirstComposing = 0x300;
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    private static readonly CanonicalForms Forms = CanonicalForms.Read();

    /// <summary>The composed form of a text without halves of surrogate pairs; the text itself where nothing in it can change.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> text)
    {
        if (text.IndexOfAnyExceptInRange('\0', (char)(FirstComposing - 1)) < 0)
        {
            return text;
        }

        var points = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, points);
        }

        Order(points);
        Compose(points);
        var composed = new StringBuilder(text.Length);
        foreach (int point in points)
        {
            composed.Append(new Rune(point));
        }

        return composed.ToString();
    }

    private static void Decompose(int point, List<int> points)
    {
        if (point - SyllableBase is int syllable and >= 0 and < Syllables)
        {
            points.Add(LeadBase + (syllable / (Vowels * Tails)));
            points.Add(VowelBase + (syllable % (Vowels * Tails) / Tails));
            if (syllable % Tails != 0)
            {
                points.Add(TailBase + (syllable % Tails));
            }
        }
        else if (Forms.Parts.TryGetValue(point, out int[]? parts))
        {
            foreach (int part in parts)
            {
                Decompose(part, points);
            }
        }
        else
        {
            points.Add(point);
        }
    }

    /// <summary>Puts the marks behind a character in the order of their classes; those of one class stay as they are.</summary>
    private static void Order(List<int> points)
    {
        for (int i = 1; i < points.Count; i++)
        {
            int kind = Forms.ClassOf(points[i]);
            for (int j = i; kind > 0 && j > 0 && Forms.ClassOf(points[j - 1]) > kind; j--)
            {
                (points[j - 1], points[j]) = (points[j], points[j - 1]);
            }
        }
    }

    private static void Compose(List<int> points)
    {
        int starter = -1, end = 0, lastClass = 0;
        foreach (int point in points.ToArray())
        {
            int kind = Forms.ClassOf(point);
            bool isNext = starter == end - 1;

            // A mark is kept from its starter by another of the same or a higher class, a starter by anything between.
            if (starter >= 0 && (isNext || (lastClass < kind && lastClass > 0)) && Composed(points[starter], point) is { } composed)
            {
                points[starter] = composed;
                continue;
            }

            starter = kind == 0 ? end : starter;
            lastClass = kind;
            points[end++] = point;
        }

        points.RemoveRange(end, points.Count - end);
    }

    private static int? Composed(int first, int second)
    {
        if (first - LeadBase is int lead and >= 0 and < Leads && second - VowelBase is int vowel and >= 0 and < Vowels)
        {
            return SyllableBase + (((lead * Vowels) + vowel) * Tails);
        }

        if (first - SyllableBase is int syllable and >= 0 and < Syllables && syllable % Tails == 0
            && second - TailBase is int tail and > 0 and < Tails)
        {
            return first + tail;
        }

        return Forms.Composed.TryGetValue((first, second), out int composed) ? composed : null;
    }
}
