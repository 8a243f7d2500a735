using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>One layer of the configuration, before it is merged with the others.</summary>
/// <param name="Name">Its source, for people.</param>
/// <param name="Config">Its own keys.</param>
/// <param name="Places">Where they stand; null where there is no file.</param>
internal sealed record ConfigurationLayer(string Name, Config Config, KeyPlaces? Places)
{
    private const string Resource = "Actors.Runtime.reference.conf";

    /// <summary>The defaults: every key of the runtime.</summary>
    public static ConfigurationLayer Reference()
    {
        using Stream stream = typeof(ConfigurationLayer).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The assembly has no embedded resource '{Resource}'.");
        using var reader = new StreamReader(stream);
        return ProfileReader.Parse(KeyOrigin.Defaults, reader.ReadToEnd());
    }

    /// <summary>The layer of one override.</summary>
    /// <exception cref="ConfigurationException">Its key or value is no HOCON, or the key is none of the runtime's.</exception>
    public static ConfigurationLayer Of(ConfigurationOverride setting)
    {
        string root = setting.Key.Split('.')[0].Trim('"', ' ');
        if (root is not ("actors" or "akka"))
        {
            throw new ConfigurationException(
                $"{setting.Origin} {setting.Key}: keys begin with \"actors.\"; write {setting.Origin} "
                + $"actors.{setting.Key}={setting.Value}.");
        }

        try
        {
            string value = setting.Value.Length == 0 ? "\"\"" : setting.Value;
            return new ConfigurationLayer(setting.Origin, ConfigurationFactory.ParseString($"{setting.Key} = {value}"), null);
        }
        catch (Exception e) when (e is ConfigurationException or FormatException)
        {
            throw new ConfigurationException(
                $"{setting.Origin} {setting.Key}={setting.Value}: {e.Message.Split('\n')[0].Trim()} Put a text with special characters in double quotes.", e);
        }
    }

    /// <summary>Where the layer gives the key a value; null where it does not.</summary>
    public KeyOrigin? OriginOf(string key) =>
        Config.HasPath(key) ? Places?.Find(key) ?? new KeyOrigin(Name, 0) : null;
}
