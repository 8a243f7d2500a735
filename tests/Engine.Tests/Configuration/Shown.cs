using System.Text;
using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Akka.Tests.Configuration;

/// <summary>Shows values as one line, keys sorted, through the public API alone, to compare trees.</summary>
internal static class Shown
{
    public static string Of(string hocon) => Of(ConfigurationFactory.ParseString(hocon));

    public static string Of(Config config) => Of(config.Root);

    public static string Of(HoconValue value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    private static void Append(StringBuilder text, HoconValue value)
    {
        if (value.IsObject())
        {
            text.Append('{');
            int start = text.Length;
            foreach ((string key, HoconValue item) in value.GetObject()!.Items.OrderBy(i => i.Key, StringComparer.Ordinal))
            {
                if (text.Length > start)
                    text.Append(',');
                text.Append(key).Append(':');
                Append(text, item);
            }

            text.Append('}');
        }
        else if (value.IsArray())
        {
            text.Append('[');
            bool first = true;
            foreach (HoconValue item in value.GetArray())
            {
                if (!first)
                    text.Append(',');
                first = false;
                Append(text, item);
            }

            text.Append(']');
        }
        else
        {
            text.Append(value.GetString() ?? "null");
        }
    }
}
