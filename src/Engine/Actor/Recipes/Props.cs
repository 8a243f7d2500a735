using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>
/// An immutable recipe for an actor. Every start and restart makes a new instance with the same arguments, so an
/// argument must not be state of one instance.
/// </summary>
public class Props : IEquatable<Props>
{
    /// <summary>The recipe of nothing.</summary>
    public static readonly Props None = new(EmptyProducer.Instance, [], Deploy.None, null);

    private readonly ActorProducer _producer;

    private Props(ActorProducer producer, object?[] arguments, Deploy deploy, SupervisorStrategy? supervisorStrategy)
    {
        _producer = producer;
        Arguments = arguments;
        Deploy = deploy;
        SupervisorStrategy = supervisorStrategy;
    }

    /// <summary>Creates a recipe that calls the public constructor of <paramref name="type"/> that fits the arguments.</summary>
    public Props([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type, object?[] args)
        : this(new ReflectingProducer(type), args, Deploy.None, null)
    {
    }

    /// <summary>Creates a recipe that calls the constructor of <paramref name="type"/> without parameters.</summary>
    public Props([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type)
        : this(type, [])
    {
    }

    /// <summary>A recipe of an actor that handles nothing.</summary>
    public static Props Empty => None;

    /// <summary>The constructor's arguments.</summary>
    public object?[] Arguments { get; }

    /// <summary>Where and with what the actor runs.</summary>
    public Deploy Deploy { get; protected set; }

    /// <summary>The configuration path of the dispatcher; the default's where none was given.</summary>
    public string Dispatcher => Deploy.Dispatcher.Length == 0 ? Dispatchers.DefaultDispatcherId : Deploy.Dispatcher;

    /// <summary>The configuration path of the mailbox; empty for the default.</summary>
    public string Mailbox => Deploy.Mailbox;

    /// <summary>What the actor does about failing children, in place of what its type says; null for that.</summary>
    public SupervisorStrategy? SupervisorStrategy { get; protected set; }

    /// <summary>The actor's type.</summary>
    public Type Type => _producer.ActorType;

    /// <summary>The name of the actor's type.</summary>
    public string TypeName => Type.AssemblyQualifiedName ?? Type.Name;

    /// <summary>A recipe that calls a constructor, <c>Props.Create(() => new Shard(3, gate))</c>. The arguments are worked out now, once.</summary>
    /// <exception cref="ArgumentException">The expression is not a call of a constructor.</exception>
    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy? supervisorStrategy = null)
        where TActor : ActorBase
    {
        ArgumentNullException.ThrowIfNull(factory);
        if (factory.Body is not NewExpression { Constructor: { } constructor } creation)
        {
            throw new ArgumentException($"The expression '{factory}' must call a constructor and no more: write () => new {typeof(TActor).Name}(...).", nameof(factory));
        }

        return new Props(new ConstructorProducer(typeof(TActor), constructor), ExpressionArguments.Evaluate(creation), Deploy.None, supervisorStrategy);
    }

    /// <summary>A recipe that calls the public constructor that fits the arguments.</summary>
    public static Props Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TActor>(params object?[] args)
        where TActor : ActorBase => new(typeof(TActor), args);

    /// <summary>A recipe with a supervisor strategy that calls the constructor without parameters.</summary>
    public static Props Create<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TActor>(SupervisorStrategy supervisorStrategy)
        where TActor : ActorBase, new() => new Props(typeof(TActor)).WithSupervisorStrategy(supervisorStrategy);

    /// <summary>A recipe that calls the public constructor of <paramref name="type"/> that fits the arguments.</summary>
    /// <exception cref="ArgumentException">The type is no actor.</exception>
    public static Props Create([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type, params object?[] args)
    {
        ArgumentNullException.ThrowIfNull(type);
        return typeof(ActorBase).IsAssignableFrom(type)
            ? new Props(type, args)
            : throw new ArgumentException($"{type} is no actor: derive it from ActorBase.", nameof(type));
    }

    /// <summary>A recipe that asks a producer for instances.</summary>
    public static Props CreateBy(IIndirectActorProducer producer, params object?[] args)
    {
        ArgumentNullException.ThrowIfNull(producer);
        return new Props(new IndirectProducer(producer), args, Deploy.None, null);
    }

    /// <summary>Makes a new instance. Only the engine can use it, inside <c>ActorOf</c> and restarts.</summary>
    public virtual ActorBase NewActor() => _producer.Produce(Arguments);

    /// <summary>The same recipe with the dispatcher at that configuration path.</summary>
    public Props WithDispatcher(string dispatcher) => Copy(Deploy.WithDispatcher(dispatcher), SupervisorStrategy);

    /// <summary>The same recipe with the mailbox at that configuration path.</summary>
    public Props WithMailbox(string mailbox) => Copy(Deploy.WithMailbox(mailbox), SupervisorStrategy);

    /// <summary>The same recipe with a limit for the stash.</summary>
    public Props WithStashCapacity(int stashCapacity) => Copy(Deploy.WithStashCapacity(stashCapacity), SupervisorStrategy);

    /// <summary>The same recipe with another deployment, which the former one completes.</summary>
    public Props WithDeploy(Deploy deploy) => Copy(deploy.WithFallback(Deploy), SupervisorStrategy);

    /// <summary>The same recipe with a supervisor strategy in place of the one that the actor's type says.</summary>
    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy) => Copy(Deploy, supervisorStrategy);

    /// <inheritdoc/>
    public bool Equals(Props? other) =>
        other is not null && _producer.Equals(other._producer) && Deploy.Equals(other.Deploy) && Arguments.AsSpan().SequenceEqual(other.Arguments);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Props);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Type, Deploy, Arguments.Length);

    private Props Copy(Deploy deploy, SupervisorStrategy? supervisorStrategy) => new(_producer, Arguments, deploy, supervisorStrategy);
}
