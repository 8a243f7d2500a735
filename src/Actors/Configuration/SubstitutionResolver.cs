using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>
/// Puts values in the place of substitutions, over all layers at once, so that one sees defaults and what options set. A key's own
/// substitution is what it was before.
/// </summary>
internal sealed class SubstitutionResolver
{
    private const int MaxAssignments = 4096;
    private const int MaxSize = 1 << 20;

    private readonly IReadOnlyList<Assignment> _given;
    private readonly Dictionary<string, List<Assignment>> _last = [];
    private readonly Dictionary<(string Key, int Count), Assignment?> _resolved = [];
    private readonly List<string> _path = [];

    /// <param name="given">What all layers say, the lowest first.</param>
    public SubstitutionResolver(IReadOnlyList<Assignment> given)
    {
        _given = given;
        Expanded = [.. given.SelectMany(Expand).Take(MaxAssignments + 1)];
        if (Expanded.Count > MaxAssignments)
        {
            throw new ConfigurationException($"{Expanded[^1].Origin}: the configuration has more than {MaxAssignments} lines.");
        }
    }

    /// <summary>The assignments, those of whole sections one by one.</summary>
    public IReadOnlyList<Assignment> Expanded { get; }

    /// <summary>The values in force by key.</summary>
    /// <exception cref="ConfigurationException">A substitution has no value, or depends on itself.</exception>
    public IReadOnlyDictionary<string, Assignment> Resolve()
    {
        foreach (Assignment line in Expanded.Where(line => !line.IsEmptyObject && !IsMissing(line)))
        {
            foreach (string other in _last.Keys.Where(o => Assignment.IsInside(o, line.Key) || Assignment.IsInside(line.Key, o)).ToArray())
            {
                _last.Remove(other);
            }

            _last.TryAdd(line.Key, []);
            _last[line.Key].Add(line);
        }

        var values = new Dictionary<string, Assignment>();
        foreach ((string key, List<Assignment> lines) in _last)
        {
            if (Value(key, lines.Count, lines[^1]) is { } value)
            {
                values.Add(key, value);
            }
        }

        return values;
    }

    /// <summary>The value after the first <paramref name="count"/> assignments of a key; null where it has none.</summary>
    private Assignment? Value(string key, int count, Assignment user)
    {
        if (_resolved.TryGetValue((key, count), out Assignment? known))
        {
            return known;
        }

        Assignment? found = null;
        Within(key + (count < _last[key].Count ? $" (line {count})" : ""), user, () =>
        {
            for (int i = count; i > 0 && found is null; i--)
            {
                Assignment line = _last[key][i - 1];
                found = Joined(line, i) is { Count: > 0 } value ? line with { Value = value } : null;
            }
        });
        return _resolved[(key, count)] = found;
    }

    private List<ValuePart> Joined(Assignment line, int count)
    {
        List<ValuePart> parts = Replaced(line.Value, line, count);
        if (parts.Sum(part => part.Size) > MaxSize)
        {
            throw new ConfigurationException($"{line.Origin}: {line.Key} is longer than {MaxSize} characters.");
        }

        return parts;
    }

    private List<ValuePart> Replaced(IReadOnlyList<ValuePart> value, Assignment line, int count)
    {
        List<ValuePart> parts = [.. value.SelectMany(part => part switch
        {
            SubstitutionPart substitution => Target(substitution, line, count),
            ListPart list => [new ListPart([.. list.Elements.Select(e => Replaced(e, line, count)).Where(e => e.Count > 0)])],
            _ => [part],
        })];
        if (parts.TrueForAll(part => part is TextPart { IsBlank: true }))
        {
            return [];
        }

        if (parts.Exists(part => part is ListPart))
        {
            return parts.Exists(part => part is TextPart { IsBlank: false })
                ? throw new ConfigurationException($"{line.Key} can't be a list and a text at once ({line.Origin}).")
                : [new ListPart([.. parts.OfType<ListPart>().SelectMany(list => list.Elements)])];
        }

        string text = string.Concat(parts.Cast<TextPart>().Select(part => part.Content));
        text = parts[0] is TextPart { IsBlank: true } ? text.TrimStart() : text;
        return [new TextPart(parts[^1] is TextPart { IsBlank: true } ? text.TrimEnd() : text)];
    }

    private IReadOnlyList<ValuePart> Target(SubstitutionPart part, Assignment line, int count)
    {
        string path = PathOf(part);
        Assignment? target = path == line.Key ? Value(path, count - 1, line)
            : _last.TryGetValue(path, out List<Assignment>? lines) ? Value(path, lines.Count, line)
            : null;
        if (target is not null)
        {
            return target.Value;
        }

        if (part.IsOptional)
        {
            return [];
        }

        string[] keys = [.. _last.Keys.Where(key => key != line.Key)];
        string problem = KindOf(path) == Kind.Section ? "is a section and takes the place of a section only"
            : path.StartsWith("actors.", StringComparison.Ordinal) ? $"has no value: did you mean ${{{NearestKey.To(path, keys)}}}?"
            : $"has no value: set {path}, or write ${{?{path}}} where it may be missing";
        throw new ConfigurationException($"{line.Key}: ${{{path}}} {problem} ({line.Origin}).");
    }

    /// <summary>Replaces an assignment of a whole section by one of each key in it.</summary>
    private IEnumerable<Assignment> Expand(Assignment line)
    {
        List<ValuePart> parts = [.. line.Value.Where(part => part is not TextPart { IsBlank: true })];
        bool isSection = parts.Count > 0 && parts.TrueForAll(part => part is SubstitutionPart)
            && parts.Cast<SubstitutionPart>().Any(part => KindOf(PathOf(part), line) == Kind.Section);
        return !isSection ? [line] : parts.Cast<SubstitutionPart>().SelectMany(part => Keys(part, line));
    }

    private IEnumerable<Assignment> Keys(SubstitutionPart part, Assignment line)
    {
        string path = PathOf(part);
        if (path == line.Key)
        {
            return [];
        }

        return KindOf(path, line) == Kind.Section
            ? Inside(path, line).Distinct().Select(rest => line with
            {
                Key = line.Key + rest,
                Value = [new SubstitutionPart(path + rest, "", IsOptional: true)],
            })
            : [line with { Value = [part] }];
    }

    /// <summary>The keys in a section, from the point on.</summary>
    private List<string> Inside(string section, Assignment user)
    {
        var keys = new List<string>();
        Within(section, user, () =>
        {
            foreach (Assignment line in _given.Where(line => Assignment.IsInside(line.Key, section) || Covers(line, section)))
            {
                string rest = Covers(line, section) ? "" : line.Key[section.Length..];
                string inner = Covers(line, section) ? section[line.Key.Length..] : "";
                IEnumerable<SubstitutionPart> sections = line.Value.OfType<SubstitutionPart>()
                    .Where(part => PathOf(part) != line.Key && KindOf(PathOf(part) + inner, line) == Kind.Section);
                List<string> found = [.. sections.SelectMany(part => Inside(PathOf(part) + inner, line))];
                keys.AddRange(found.Count > 0 ? found.Select(key => rest + key) : rest.Length > 0 && !line.IsEmptyObject ? [rest] : []);
                if (keys.Count > MaxAssignments)
                {
                    throw new ConfigurationException($"{line.Origin}: the configuration has more than {MaxAssignments} lines.");
                }
            }
        });
        return keys;
    }

    private bool IsMissing(Assignment line) =>
        line.SoleSubstitution is { IsOptional: true } part && KindOf(PathOf(part), line) == Kind.None;

    private static bool Covers(Assignment line, string path) => line.Key == path || Assignment.IsInside(path, line.Key);

    private string PathOf(SubstitutionPart part) =>
        part.Prefix.Length > 0 && $"{part.Prefix}.{part.Path}" is var inner && KindOf(inner) != Kind.None ? inner : part.Path;

    /// <summary>What a key is in the end.</summary>
    private Kind KindOf(string path, Assignment? user = null)
    {
        Kind kind = Kind.None;
        Within("?" + path, user ?? _given[^1], () =>
        {
            for (int i = _given.Count - 1; i >= 0 && kind == Kind.None; i--)
            {
                Assignment line = _given[i];
                if (Assignment.IsInside(line.Key, path))
                {
                    kind = Kind.Section;
                }
                else if (Covers(line, path))
                {
                    string rest = path[line.Key.Length..];
                    SubstitutionPart? first = line.Value.OfType<SubstitutionPart>().FirstOrDefault();
                    bool isWhole = line.Value.All(part => part is SubstitutionPart or TextPart { IsBlank: true });
                    string? target = first is null || !isWhole ? null : PathOf(first) + rest;
                    kind = target is not null ? (target == path ? Kind.None : KindOf(target, line))
                        : line.IsEmptyObject ? Kind.Section
                        : rest.Length == 0 ? Kind.Value : Kind.None;
                }
            }
        });
        return kind;
    }

    /// <summary>Does work for a key that no work for the same key may need.</summary>
    private void Within(string key, Assignment user, Action work)
    {
        int start = _path.IndexOf(key);
        if (start >= 0)
        {
            string circle = string.Join(" -> ", _path.Skip(start).Append(key).Select(name => name.TrimStart('?')));
            throw new ConfigurationException($"{user.Key}: the substitutions go in a circle: {circle} ({user.Origin}).");
        }

        _path.Add(key);
        work();
        _path.RemoveAt(_path.Count - 1);
    }

    private enum Kind
    {
        None,
        Value,
        Section,
    }
}
