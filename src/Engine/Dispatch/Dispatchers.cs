using System.Collections.Concurrent;
using Akka.Configuration;

namespace Akka.Dispatch;

/// <summary>A system's dispatchers by configuration path.</summary>
public sealed class Dispatchers
{
    /// <summary>The path of the dispatcher of actors that name none.</summary>
    public const string DefaultDispatcherId = "akka.actor.default-dispatcher";

    /// <summary>The path of the dispatcher for actors that block their thread.</summary>
    public const string DefaultBlockingDispatcherId = "akka.actor.default-blocking-io-dispatcher";

    private readonly Config _config;
    private readonly Action<IRunnable>? _execute;
    private readonly ConcurrentDictionary<string, Lazy<DispatcherRecipe>> _recipes = new();

    internal Dispatchers(Config config, Action<IRunnable>? execute)
    {
        _config = config;
        _execute = execute;
    }

    /// <summary>The dispatcher of actors that name none.</summary>
    public MessageDispatcher DefaultGlobalDispatcher => Lookup(DefaultDispatcherId);

    /// <summary>Whether there is a section at that path.</summary>
    public bool HasDispatcher(string id) => _config.HasPath(id);

    /// <summary>The dispatcher at a path; one of its own for each call when it is pinned.</summary>
    /// <exception cref="ConfigurationException">There is no such section, or it is wrong.</exception>
    public MessageDispatcher Lookup(string dispatcherName) => Recipe(dispatcherName).Dispatcher();

    /// <summary>The mailbox path that a dispatcher's section names for its actors; empty for none.</summary>
    internal string MailboxOf(string dispatcherName) => Recipe(dispatcherName).Mailbox;

    internal void Shutdown()
    {
        foreach (Lazy<DispatcherRecipe> recipe in _recipes.Values)
        {
            if (recipe.IsValueCreated) // not where the section was wrong
            {
                recipe.Value.Shutdown();
            }
        }
    }

    private DispatcherRecipe Recipe(string id) =>
        _recipes.GetOrAdd(id, static (key, dispatchers) => new Lazy<DispatcherRecipe>(() => dispatchers.Read(key)), this).Value;

    private DispatcherRecipe Read(string id)
    {
        Config section = _config.GetConfig(id)
            ?? throw new ConfigurationException($"No dispatcher '{id}': add a section of that path with type and throughput, or correct the name.");
        section = section.WithFallback(_config.GetConfig(DefaultDispatcherId));
        string type = Mailboxes.TypeName(section.GetString("type")!);
        int throughput = AtLeastOne(section, id, "throughput");
        TimeSpan deadline = section.GetTimeSpan("throughput-deadline-time");
        int threads = section.GetInt("dedicated-thread-pool.thread-count");
        Func<MessageDispatcher> create = (_execute, type) switch
        {
            ({ } execute, _) => () => new ExternalDispatcher(id, execute),
            (_, "Dispatcher" or "TaskDispatcher") => () => new ThreadPoolDispatcher(id),
            (_, "PinnedDispatcher") => () => new DedicatedThreadsDispatcher(id, 1, endsWithItsActor: true),
            (_, "ForkJoinDispatcher") => () => new DedicatedThreadsDispatcher(id, threads > 0 ? threads : Environment.ProcessorCount, endsWithItsActor: false),
            _ => throw new ConfigurationException($"{id}.type is '{type}': use Dispatcher, TaskDispatcher, PinnedDispatcher or ForkJoinDispatcher."),
        };
        return new DispatcherRecipe(
            () =>
            {
                MessageDispatcher dispatcher = create();
                dispatcher.Throughput = throughput;
                dispatcher.ThroughputDeadlineTime = deadline.Ticks;
                return dispatcher;
            },
            isShared: type != "PinnedDispatcher",
            section.GetString("mailbox", string.Empty)!);
    }

    private static int AtLeastOne(Config section, string id, string key)
    {
        int value = section.GetInt(key);
        return value >= 1 ? value : throw new ConfigurationException($"{id}.{key} is {value}: it must be 1 or more.");
    }

    /// <summary>Makes a dispatcher, once when it is shared.</summary>
    private sealed class DispatcherRecipe(Func<MessageDispatcher> create, bool isShared, string mailbox)
    {
        private readonly Lazy<MessageDispatcher>? _shared = isShared ? new Lazy<MessageDispatcher>(create) : null;

        public string Mailbox => mailbox;

        public MessageDispatcher Dispatcher() => _shared is null ? create() : _shared.Value;

        public void Shutdown()
        {
            if (_shared is { IsValueCreated: true })
            {
                _shared.Value.Shutdown();
            }
        }
    }
}
