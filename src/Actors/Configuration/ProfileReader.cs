using Akka.Configuration;

namespace Actors.Runtime.Configuration;

/// <summary>
/// Reads a profile with the files that it includes. A relative include is looked for beside the file that includes it, and must
/// exist: a profile without its base would train something else.
/// </summary>
/// <param name="read">The text of a file by its path; null where it does not exist.</param>
/// <param name="add">Takes an assignment, in the order of reading.</param>
internal sealed class ProfileReader(Func<string, string?> read, Action<Assignment> add)
{
    private const int MaxDepth = 16;

    /// <summary>Reads a profile.</summary>
    /// <exception cref="ConfigurationException">A file is missing or unreadable, or is no HOCON.</exception>
    public void Read(string path) =>
        Scan(path, "", 0, $"{path} does not exist: name a profile, such as hocon/quickstart.conf.");

    private void Scan(string path, string prefix, int depth, string missing)
    {
        string text = read(path) ?? throw new ConfigurationException(missing);
        new HoconScanner(text, path, add, (name, section) => Include(name, section, path, depth + 1)).ScanFile(prefix);
    }

    private void Include(string name, string prefix, string includer, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new ConfigurationException($"{includer} includes \"{name}\" more than {MaxDepth} files deep: a file includes itself.");
        }

        string path = Path.IsPathRooted(name) ? name : Path.Combine(Path.GetDirectoryName(includer) ?? "", name);
        Scan(path, prefix, depth, $"{includer} includes \"{name}\", but {path} does not exist: create it or remove the include.");
    }
}
