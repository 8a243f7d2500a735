using System.Collections.Concurrent;
using Akka.Configuration;

namespace Akka.Dispatch;

/// <summary>A system's mailboxes by configuration path.</summary>
public class Mailboxes
{
    /// <summary>The path of the mailbox of actors that name none.</summary>
    public static readonly string DefaultMailboxId = "akka.actor.default-mailbox";

    private readonly Config _config;
    private readonly ConcurrentDictionary<string, MailboxType> _types = new();

    internal Mailboxes(Config config) => _config = config;

    /// <summary>The mailbox at a path.</summary>
    /// <exception cref="ConfigurationException">There is no such section, or it is wrong.</exception>
    internal MailboxType Lookup(string id) => _types.GetOrAdd(id, static (key, mailboxes) => mailboxes.Read(key), this);

    private MailboxType Read(string id)
    {
        Config section = _config.GetConfig(id)
            ?? throw new ConfigurationException($"No mailbox '{id}': add a section of that path with mailbox-type, or correct the name.");
        section = section.WithFallback(_config.GetConfig(DefaultMailboxId));
        string type = TypeName(section.GetString("mailbox-type")!);
        int capacity = section.GetInt("mailbox-capacity");
        int stashCapacity = section.GetInt("stash-capacity", -1);
        TimeSpan pushTimeout = section.GetTimeSpan("mailbox-push-timeout-time");
        switch (type)
        {
            case "UnboundedMailbox" or "UnboundedDequeBasedMailbox":
                return new MailboxType(null, pushTimeout, stashCapacity);
            case "BoundedMailbox" or "BoundedDequeBasedMailbox" when capacity > 0:
                return new MailboxType(capacity, pushTimeout, stashCapacity);
            case "BoundedMailbox" or "BoundedDequeBasedMailbox":
                throw new ConfigurationException($"{id}.mailbox-capacity is {capacity}: a bounded mailbox must hold 1 message or more.");
            default:
                throw new ConfigurationException(
                    $"{id}.mailbox-type is '{type}': use Akka.Dispatch.UnboundedMailbox or Akka.Dispatch.BoundedMailbox.");
        }
    }

    /// <summary>The class's name without namespace and assembly.</summary>
    internal static string TypeName(string configured)
    {
        string name = configured.Split(',')[0].Trim();
        return name.StartsWith("Akka.Dispatch.", StringComparison.Ordinal) ? name["Akka.Dispatch.".Length..] : name;
    }
}
