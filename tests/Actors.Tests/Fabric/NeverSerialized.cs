using System.Reflection;
using Actors.Runtime.Fabric;
using Actors.Runtime.Pipeline;
using Akka.Actor;

namespace Actors.Runtime.Tests.Fabric;

/// <summary>Messages that hold or name what lies in a process's memory are marked as never serialized.</summary>
public sealed class NeverSerialized
{
    public static TheoryData<Type> NamesOfMemory() =>
    [
        typeof(StartDispatch), typeof(HeaderArrived), typeof(PrepareBackward), typeof(ReceiverReady), typeof(ChunkArrived), typeof(SlotReleased),
        typeof(ChannelDelivered), typeof(RowsArrived), typeof(RunExperts), typeof(ExpertsDone), typeof(RunExpertWeights), typeof(ExpertWeightsDone),
        typeof(PartialsReady), typeof(PartialsRead), typeof(CombineCompleted), typeof(LinkFailed),
        typeof(ActivationArrived), typeof(GradientArrived),
    ];

    [Theory]
    [MemberData(nameof(NamesOfMemory))]
    public void A_message_that_names_memory_is_marked(Type message) =>
        Assert.True(typeof(INoSerializationVerificationNeeded).IsAssignableFrom(message), message.Name);

    [Fact]
    public void No_unmarked_message_holds_a_tensor_a_task_or_a_delegate()
    {
        IEnumerable<string> holders = typeof(StartDispatch).Assembly.GetTypes()
            .Where(type => type.DeclaringType is null && IsInFileOfMessages(type) && !typeof(INoSerializationVerificationNeeded).IsAssignableFrom(type))
            .Where(type => type.GetProperties(BindingFlags.Instance | BindingFlags.Public).Any(property => IsLocal(property.PropertyType)))
            .Select(type => type.Name);

        Assert.Empty(holders);
    }

    private static bool IsInFileOfMessages(Type type) => Messages.Any(text => text.Contains($" {type.Name}(", StringComparison.Ordinal));

    private static string[] Messages { get; } =
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "Actors"), "Messages.cs", SearchOption.AllDirectories).Select(File.ReadAllText)];

    private static bool IsLocal(Type type) => type.Namespace == "Actors.Tensors" || typeof(Delegate).IsAssignableFrom(type)
        || typeof(Task).IsAssignableFrom(type) || typeof(IDisposable).IsAssignableFrom(type)
        || (type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(TaskCompletionSource<>) || type.GetGenericArguments().Any(IsLocal)));
}
