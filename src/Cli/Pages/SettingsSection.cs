using System.Globalization;
using System.Text;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Pages;

/// <summary>A section of reference.conf: its comment and its settings, in the order of the file.</summary>
/// <param name="Name">Full name, such as <c>actors.training.optimizer</c>.</param>
/// <param name="Comment">The comment above it, in one line.</param>
internal sealed record SettingsSection(string Name, string Comment)
{
    private readonly List<Setting> _settings = [];

    /// <summary>
    /// The sections that have settings. The file is written for this: an opening brace, a setting and a closing brace each have a line, and a
    /// comment stands directly above what it describes.
    /// </summary>
    /// <exception cref="InvalidOperationException">A line is none of these, or has no comment.</exception>
    public static IReadOnlyList<SettingsSection> OfReference()
    {
        List<SettingsSection> sections = [];
        Stack<SettingsSection> open = [];
        List<string> comment = [];
        foreach (string line in LayeredConfiguration.ReferenceText().Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith('#'))
            {
                comment.Add(line.TrimStart('#', ' '));
                continue;
            }

            string text = string.Join(' ', comment);
            comment.Clear();
            if (line.EndsWith(" {", StringComparison.Ordinal))
            {
                open.Push(new SettingsSection(Join(open, line[..^2]), text));
                sections.Add(open.Peek());
            }
            else if (line == "}")
            {
                open.Pop();
            }
            else if (line.Split(" = ", 2) is [var key, var value] && text.Length > 0)
            {
                open.Peek()._settings.Add(Setting.Of(Join(open, key), value, text));
            }
            else if (line.Length > 0)
            {
                throw new InvalidOperationException($"reference.conf: \"{line}\" is no section and no setting with a comment above it.");
            }
        }

        return [.. sections.Where(section => section._settings.Count > 0)];
    }

    /// <summary>The section in Markdown, without a last line feed.</summary>
    public string ToMarkdown()
    {
        bool isOfModel = _settings.Exists(setting => setting.HubKey is not null);
        var text = new StringBuilder($"## `{Name}`\n\n{Comment}\n\n| key | default | meaning, unit, range |");
        text.Append(isOfModel ? " `config.json` |\n|---|---|---|---|" : "\n|---|---|---|");
        foreach (Setting setting in _settings)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n| `{setting.Key}` | `{setting.Value}` | {Cell(setting.Meaning)} |");
            text.Append(!isOfModel ? "" : setting.HubKey is { } hub ? $" `{hub}` |" : "  |");
        }

        return text.ToString();
    }

    private static string Join(Stack<SettingsSection> open, string name) => open.TryPeek(out SettingsSection? outer) ? $"{outer.Name}.{name}" : name;

    // A bar would end the cell.
    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>A setting; its hub key is its name in a config.json, with which its comment ends, or null.</summary>
    private sealed record Setting(string Key, string Value, string Meaning, string? HubKey)
    {
        public static Setting Of(string key, string value, string comment)
        {
            string? hub = ModelKeys.All.FirstOrDefault(model => model.FullKey == key)?.HubKey;
            string suffix = $" ({hub})";
            return new Setting(key, value, comment.EndsWith(suffix, StringComparison.Ordinal) ? comment[..^suffix.Length] : comment, hub);
        }
    }
}
