namespace Akka.Configuration.Hocon;

/// <summary><c>include "x"</c>, <c>include file("x")</c>, <c>include required(...)</c> in place of a field.</summary>
internal sealed class IncludeStatement(HoconScanner scanner, Func<string, HoconRoot?>? callback)
{
    private const string Keyword = "include";
    private const string Argument = "a quoted name, file(\"...\") or required(...) after include";

    /// <summary>Whether the scanner stands at the unquoted word, where a key is expected.</summary>
    public bool IsNext()
    {
        for (int i = 0; i < Keyword.Length; i++)
        {
            if (scanner.Peek(i) != Keyword[i])
                return false;
        }

        char after = scanner.Peek(Keyword.Length);
        return after is HoconScanner.End || char.IsWhiteSpace(after) || "\"{}[]:=,+#".Contains(after);
    }

    /// <summary>Reads the statement and gives the included object, fit for the place it is put at; null when there is none.</summary>
    /// <param name="prefix">The keys of the object that the statement stands in.</param>
    public ObjectNode? Parse(string[] prefix)
    {
        Place place = scanner.Here;
        Match(Keyword);
        scanner.SkipBlank();
        bool required = TryOpen("required");
        string name;
        if (TryOpen("file"))
        {
            name = ReadName();
            Close();
        }
        else
        {
            name = ReadName();
        }

        if (required)
            Close();
        return Load(name, required, place, prefix);
    }

    private ObjectNode? Load(string name, bool required, Place place, string[] prefix)
    {
        if (callback is null)
        {
            throw new HoconException(
                place,
                $"include {HoconPrinter.Quote(name)} can't be read, because this text was parsed without a way to read others; pass an include callback.");
        }

        HoconRoot? root;
        Exception? cause = null;
        try
        {
            root = callback(name);
        }
        catch (HoconException e) when (e.Place.Source is { Name: null } source)
        {
            source.Name = name;
            throw;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            root = null;
            cause = e;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HoconException(place, $"the include {HoconPrinter.Quote(name)} can't be read: {e.Message}", e);
        }

        if (root is null)
        {
            return required
                ? throw new HoconException(place, $"the required include {HoconPrinter.Quote(name)} does not exist; create it, or drop required().", cause)
                : null;
        }

        root.NameSource(name);
        return root.Unresolved is ObjectNode included
            ? (ObjectNode)included.Copy(prefix)
            : throw new HoconException(place, $"the include {HoconPrinter.Quote(name)} holds an array, but only an object can be included.");
    }

    private string ReadName()
    {
        if (scanner.Current != '"')
            throw scanner.Unexpected(Argument);
        return scanner.ReadQuoted();
    }

    private bool TryOpen(string word)
    {
        for (int i = 0; i < word.Length; i++)
        {
            if (scanner.Peek(i) != word[i])
                return false;
        }

        Match(word);
        if (!scanner.TrySkip('('))
            throw scanner.Unexpected($"'(' after {word}");
        scanner.SkipBlank();
        return true;
    }

    private void Close()
    {
        scanner.SkipBlank();
        if (!scanner.TrySkip(')'))
            throw scanner.Unexpected("')' after the name of an include");
    }

    private void Match(string word)
    {
        for (int i = 0; i < word.Length; i++)
            scanner.Skip();
    }
}
