using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace Akka.Actor;

/// <summary>What <c>akka.actor.deployment</c> says about actors by path; a name in it may be <c>*</c>.</summary>
internal sealed class Deployer
{
    private readonly Dictionary<string, Deploy> _exact = new(StringComparer.Ordinal);
    private readonly List<(string[] Names, Deploy Deploy)> _patterns = [];

    public Deployer(Config config)
    {
        if (config.GetConfig("akka.actor.deployment") is not { } section)
        {
            return;
        }

        foreach ((string path, HoconValue _) in section.AsEnumerable())
        {
            if (!path.StartsWith('/'))
            {
                throw new ConfigurationException($"akka.actor.deployment.\"{path}\" is no actor's path: begin it with '/', such as \"/shards/*\".");
            }

            Config own = section.GetConfig($"\"{path}\"")!;
            Deploy deploy = new(
                own.GetString("dispatcher", Deploy.NoDispatcherGiven)!,
                own.GetString("mailbox", Deploy.NoMailboxGiven)!,
                own.GetInt("stash-capacity", Deploy.NoStashSize));
            if (path.Contains('*', StringComparison.Ordinal))
            {
                _patterns.Add((path.Split('/', StringSplitOptions.RemoveEmptyEntries), deploy));
            }
            else
            {
                _exact[path] = deploy;
            }
        }
    }

    /// <summary>What is said about the actor at a path below <c>/user</c>.</summary>
    public Deploy Lookup(ActorPath path)
    {
        if (_exact.Count == 0 && _patterns.Count == 0)
        {
            return Deploy.None;
        }

        IReadOnlyList<string> names = path.Elements;
        if (names.Count < 2 || names[0] != "user")
        {
            return Deploy.None;
        }

        if (_exact.TryGetValue("/" + string.Join('/', names.Skip(1)), out Deploy? exact))
        {
            return exact;
        }

        foreach ((string[] pattern, Deploy deploy) in _patterns)
        {
            if (Fits(pattern, names))
            {
                return deploy;
            }
        }

        return Deploy.None;
    }

    private static bool Fits(string[] pattern, IReadOnlyList<string> names)
    {
        if (pattern.Length != names.Count - 1)
        {
            return false;
        }

        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] != "*" && pattern[i] != names[i + 1])
            {
                return false;
            }
        }

        return true;
    }
}
