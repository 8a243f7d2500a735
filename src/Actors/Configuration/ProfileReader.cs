using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Actors.Runtime.Configuration;

/// <summary>
/// Reads a profile with the files that it includes. A relative include is looked for beside the file that includes it, and must
/// exist: a profile without its base would train something else.
/// </summary>
internal sealed class ProfileReader
{
    private const int MaxDepth = 16;

    private readonly Dictionary<string, string> _texts = [];
    private readonly Func<string, string?>? _builtIn;
    private int _depth;

    private ProfileReader(Func<string, string?>? builtIn)
    {
        _builtIn = builtIn;
    }

    /// <summary>Reads a profile.</summary>
    /// <exception cref="ConfigurationException">A file is missing or unreadable, or is no HOCON.</exception>
    public static ConfigurationLayer Read(string path, Func<string, string?>? builtIn)
    {
        var reader = new ProfileReader(builtIn);
        reader.Load(path, $"{path} does not exist: name a profile, such as hocon/quickstart.conf.");
        return reader.Build(path);
    }

    /// <summary>Takes a text that is already in memory for the file <paramref name="name"/>.</summary>
    public static ConfigurationLayer Parse(string name, string text)
    {
        var reader = new ProfileReader(null);
        reader._texts.Add(name, text);
        return reader.Build(name);
    }

    private ConfigurationLayer Build(string path)
    {
        Config config = Parsed(path);
        var places = new KeyPlaces();
        NotePlaces(path, "", places);
        return new ConfigurationLayer(path, config, places);
    }

    /// <summary>Parses the profile. The parser knows the names of includes, not of the text that it is given first.</summary>
    private Config Parsed(string path)
    {
        try
        {
            return ConfigurationFactory.ParseString(_texts[path], name => Include(name, path));
        }
        catch (ConfigurationException e) when (e.Message.StartsWith("line ", StringComparison.Ordinal))
        {
            throw new ConfigurationException($"{path}, {e.Message}", e);
        }
        catch (FormatException e)
        {
            // What Akka.NET's own parser throws; its further lines draw the place.
            throw new ConfigurationException($"{path}: {e.Message.Split('\n')[0].Trim()}", e);
        }
    }

    private HoconRoot Include(string name, string includer)
    {
        string path = PathOf(name, includer);
        Load(path, $"{includer} includes \"{name}\", but {path} does not exist: create it or remove the include.");
        if (++_depth > MaxDepth)
        {
            throw new ConfigurationException($"{includer} includes \"{name}\" more than {MaxDepth} files deep: a file includes itself.");
        }

        HoconRoot root = Parser.Parse(_texts[path], next => Include(next, path));
        _depth--;
        return root;
    }

    private void NotePlaces(string path, string prefix, KeyPlaces places) =>
        new KeyPlaceScanner(
            _texts[path],
            (key, line) => places.Add(key, new KeyOrigin(path, line)),
            (key, name, _) => NotePlaces(PathOf(name, path), key, places)).Scan(prefix);

    private void Load(string path, string missing)
    {
        if (_texts.ContainsKey(path))
        {
            return;
        }

        try
        {
            _texts.Add(path, _builtIn?.Invoke(path) ?? File.ReadAllText(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ConfigurationException(missing, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string why = Directory.Exists(path) ? "it is a folder" : e.Message;
            throw new ConfigurationException($"{path} can't be read: {why}", e);
        }
    }

    private static string PathOf(string name, string includer) =>
        Path.IsPathRooted(name) ? name : Path.Combine(Path.GetDirectoryName(includer) ?? "", name);
}
