using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>Parses one text into nodes by recursive descent; what it includes is merged in on the way.</summary>
internal sealed class HoconGrammar
{
    /// <summary>How deep objects and arrays may nest, keys with dots included, so that no text can exhaust the stack.</summary>
    public const int MaxDepth = 256;

    private readonly HoconScanner _scanner;
    private readonly IncludeStatement _include;
    private readonly List<string> _path = [];
    private int _depth;
    private int _arrays;

    public HoconGrammar(SourceText source, string text, Func<string, HoconRoot?>? includeCallback)
    {
        _scanner = new HoconScanner(source, text);
        _include = new IncludeStatement(_scanner, includeCallback);
    }

    /// <summary>Parses the whole text: an array, an object, or an object's fields without braces.</summary>
    public HoconNode ParseDocument()
    {
        _scanner.SkipBlank();
        HoconNode root;
        if (_scanner.Current == '{')
        {
            root = ParseObject();
        }
        else if (_scanner.Current == '[')
        {
            root = ParseArray();
        }
        else
        {
            var fields = new ObjectNode(_scanner.Here, []);
            ParseFields(fields);
            root = fields;
        }

        _scanner.SkipBlank();
        if (!_scanner.AtEnd)
            throw _scanner.Unexpected(_scanner.Current == '}' ? "a key, because no '{' is open" : "the end of the text");
        return root;
    }

    private ObjectNode ParseObject()
    {
        Place start = _scanner.Here;
        Enter(start, 1);
        _scanner.Skip();
        var node = new ObjectNode(start, []);
        ParseFields(node);
        if (!_scanner.TrySkip('}'))
            throw _scanner.Unexpected($"a key or '}}' for the '{{' of line {start.Line}, column {start.Column}");
        _depth--;
        return node;
    }

    private void ParseFields(ObjectNode target)
    {
        _scanner.SkipBlank();
        while (!_scanner.AtEnd && _scanner.Current is not ('}' or ']'))
        {
            if (_scanner.Current == ',')
                throw _scanner.Unexpected("a key");
            ParseField(target);
            if (!SkipSeparator("}"))
                return;
        }
    }

    /// <summary>Steps over what parts two fields or elements; false when there was nothing of the kind.</summary>
    private bool SkipSeparator(string close)
    {
        bool newline = _scanner.SkipBlank();
        if (_scanner.TrySkip(','))
        {
            _scanner.SkipBlank();
            return true;
        }

        if (newline || _scanner.AtEnd || _scanner.Current == close[0])
            return newline;
        throw _scanner.Unexpected($"',', a new line or '{close}'; a value with this character needs quotes");
    }

    private void ParseField(ObjectNode target)
    {
        Place start = _scanner.Here;
        if (_include.IsNext())
        {
            if (_include.Parse(_arrays == 0 ? [.. _path] : []) is { } included)
                target.Absorb(included);
            return;
        }

        List<string> keys = PathExpression.Read(_scanner, "a key");
        _scanner.SkipBlank();
        bool append = _scanner.Current == '+' && _scanner.Peek(1) == '=';
        if (append)
            _scanner.Skip();
        if (_scanner.Current is ':' or '=')
        {
            _scanner.Skip();
            _scanner.SkipBlank();
        }
        else if (_scanner.Current != '{')
        {
            throw _scanner.Unexpected($"'=', ':', '+=' or '{{' after the key {KeyPath.Format([.. keys])}");
        }

        Enter(start, keys.Count - 1);
        _path.AddRange(keys);
        HoconNode value = ParseValue();
        _path.RemoveRange(_path.Count - keys.Count, keys.Count);
        _depth -= keys.Count - 1;

        Field field = FieldAt(target, keys, start);
        if (append)
            field.Append(start, value);
        else
            field.Define(value);
    }

    private static Field FieldAt(ObjectNode target, List<string> keys, Place place)
    {
        Field field = target.GetOrAdd(keys[0]);
        for (int i = 1; i < keys.Count; i++)
        {
            if (field.Definitions.Count == 0 || field.Definitions[^1] is not ObjectNode)
                field.Define(new ObjectNode(place, []));
            field = ((ObjectNode)field.Definitions[^1]).GetOrAdd(keys[i]);
        }

        return field;
    }

    private ArrayNode ParseArray()
    {
        Place start = _scanner.Here;
        Enter(start, 1);
        _arrays++;
        _scanner.Skip();
        _scanner.SkipBlank();
        var elements = new List<Field>();
        while (!_scanner.AtEnd && _scanner.Current != ']')
        {
            elements.Add(new Field(ParseValue()));
            if (!SkipSeparator("]"))
                break;
        }

        if (!_scanner.TrySkip(']'))
            throw _scanner.Unexpected($"a value or ']' for the '[' of line {start.Line}, column {start.Column}");
        _arrays--;
        _depth--;
        return new ArrayNode(start, elements);
    }

    /// <summary>Parses the parts of a value up to the end of the line or a separator, and joins what can be joined at once.</summary>
    private HoconNode ParseValue()
    {
        Place start = _scanner.Here;
        HoconNode? single = ParsePart() ?? throw _scanner.Unexpected("a value");
        List<HoconNode>? parts = null;
        while (true)
        {
            Place place = _scanner.Here;
            string spaces = _scanner.ReadSpaces();
            if (_scanner.AtComment || ParsePart() is not { } next)
                break;
            parts ??= [single];
            if (spaces.Length > 0)
                parts.Add(new SpaceNode(place, spaces));
            parts.Add(next);
        }

        if (parts is null)
            return single;
        return parts.TrueForAll(p => p is LiteralNode or SpaceNode) ? Join(start, parts) : new ConcatenationNode(start, parts);
    }

    private HoconNode? ParsePart()
    {
        Place place = _scanner.Here;
        switch (_scanner.Current)
        {
            case '{':
                return ParseObject();
            case '[':
                return ParseArray();
            case '"':
                return new LiteralNode(place, _scanner.ReadQuoted(), quoted: true);
            case '$':
                return ParseSubstitution(place);
            default:
                string text = _scanner.ReadUnquoted();
                return text.Length == 0 ? null : new LiteralNode(place, text == "null" ? null : text, quoted: false);
        }
    }

    private SubstitutionNode ParseSubstitution(Place place)
    {
        _scanner.Skip();
        if (!_scanner.TrySkip('{'))
            throw _scanner.Unexpected("'{' after '$'; a string with '$' needs quotes");
        bool optional = _scanner.TrySkip('?');
        _scanner.ReadSpaces();
        List<string> path = PathExpression.Read(_scanner, "a path");
        if (!_scanner.TrySkip('}'))
            throw _scanner.Unexpected("'}' after the path of a substitution");
        return new SubstitutionNode(place, [.. path], optional, []);
    }

    private static LiteralNode Join(Place start, List<HoconNode> parts)
    {
        var text = new StringBuilder();
        foreach (HoconNode part in parts)
            text.Append(part is SpaceNode space ? space.Text : ((LiteralNode)part).Text ?? "null");
        return new LiteralNode(start, text.ToString(), quoted: true);
    }

    private void Enter(Place place, int levels)
    {
        _depth += levels;
        if (_depth > MaxDepth)
            throw new HoconException(place, $"objects and arrays nest deeper than {MaxDepth} levels; flatten them.");
    }
}
