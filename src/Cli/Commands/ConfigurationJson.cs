using System.Collections;
using System.Text.Json;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Commands;

/// <summary>The effective configuration as JSON.</summary>
internal static class ConfigurationJson
{
    /// <summary>Nested as in the files.</summary>
    public static string Write(IReadOnlyList<EffectiveSetting> settings, bool indented) =>
        JsonText.Of(json => WriteSection(json, settings, depth: 0), indented);

    /// <summary>Flat: key to value, source and line.</summary>
    public static string WriteOrigins(IReadOnlyList<EffectiveSetting> settings, bool indented) => JsonText.Of(
        json =>
        {
            json.WriteStartObject();
            foreach (EffectiveSetting setting in settings)
            {
                json.WriteStartObject(setting.Key);
                json.WritePropertyName("value");
                WriteValue(json, setting.Key, setting.Value);
                json.WriteString("source", setting.Origin.Source);
                if (setting.Origin.Line > 0)
                {
                    json.WriteNumber("line", setting.Origin.Line);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        },
        indented);

    private static void WriteSection(Utf8JsonWriter json, IEnumerable<EffectiveSetting> settings, int depth)
    {
        json.WriteStartObject();
        foreach (IGrouping<string, EffectiveSetting> group in settings.GroupBy(setting => setting.Key.Split('.')[depth]))
        {
            json.WritePropertyName(group.Key);
            EffectiveSetting first = group.First();
            if (first.Key.Split('.').Length == depth + 1)
            {
                WriteValue(json, first.Key, first.Value);
            }
            else
            {
                WriteSection(json, group, depth + 1);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, string key, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int number:
                json.WriteNumberValue(number);
                break;
            case long number:
                json.WriteNumberValue(number);
                break;
            case double number:
                json.WriteNumberValue(number);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case IEnumerable list:
                json.WriteStartArray();
                foreach (object? element in list)
                {
                    WriteValue(json, key, element);
                }

                json.WriteEndArray();
                break;
            default:
                throw new InvalidOperationException($"{key} has a value of the type {value.GetType().Name}, which has no JSON form.");
        }
    }
}
