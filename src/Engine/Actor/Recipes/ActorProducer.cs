using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.ExceptionServices;

namespace Akka.Actor;

/// <summary>How a recipe makes instances.</summary>
internal abstract record ActorProducer(Type ActorType)
{
    public abstract ActorBase Produce(object?[] arguments);
}

/// <summary>Calls a constructor that is known already. It must be public, as for every way to create an actor.</summary>
internal sealed record ConstructorProducer(Type ActorType, ConstructorInfo Constructor) : ActorProducer(ActorType)
{
    public override ActorBase Produce(object?[] arguments) =>
        Constructor.IsPublic
            ? (ActorBase)Constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null)
            : throw new MissingMethodException($"The constructor of {ActorType.Name} that its Props call is not public: make it public.");
}

/// <summary>Finds the public constructor that fits the arguments.</summary>
internal sealed record ReflectingProducer : ActorProducer
{
    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    private readonly Type _type;

    public ReflectingProducer([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type)
        : base(type) => _type = type;

    public override ActorBase Produce(object?[] arguments)
    {
        try
        {
            return (ActorBase)Activator.CreateInstance(_type, arguments)!;
        }
        catch (TargetInvocationException failure) when (failure.InnerException is { } thrown)
        {
            ExceptionDispatchInfo.Throw(thrown);
            throw;
        }
    }
}

/// <summary>Asks a producer.</summary>
internal sealed record IndirectProducer(IIndirectActorProducer Producer) : ActorProducer(Producer.ActorType)
{
    public override ActorBase Produce(object?[] arguments) => Producer.Produce();
}

/// <summary>Makes actors that handle nothing.</summary>
internal sealed record EmptyProducer() : ActorProducer(typeof(EmptyActor))
{
    public static readonly EmptyProducer Instance = new();

    public override ActorBase Produce(object?[] arguments) => new EmptyActor();

    private sealed class EmptyActor : UntypedActor
    {
        protected override void OnReceive(object message) => Unhandled(message);
    }
}
