using System.Collections;
using System.Reflection;
using Actors.Cpu;
using Actors.Cpu.Rounded;
using Actors.Model;
using Actors.Runtime.Cluster;
using Actors.Runtime.Diagnostics;
using Actors.Runtime.Fabric;
using Actors.Runtime.Fabric.Layout;
using Actors.Runtime.Fabric.Links;
using Actors.Runtime.Pipeline;
using Actors.Runtime.Placement;
using Actors.Runtime.Serving;
using Actors.Runtime.Tests.Serving;
using Actors.Runtime.Tests.Training;
using Actors.Runtime.Training;
using Actors.Schedules;
using Actors.Tensors;
using Akka.Actor;

namespace Actors.Runtime.Tests.Cluster;

/// <summary>
/// What the actors of two nodes with memory of their own can both reach, field by field: the transports, the plan, the corpus, the device and
/// where the run logs, and nothing else.
/// </summary>
public sealed class DomainReach
{
    /// <summary>What nodes may share: it is not looked into.</summary>
    private static readonly Type[] Shared =
    [
        typeof(FabricRings), typeof(FrameTransport), typeof(RunPlan), typeof(StageLayout), typeof(GroupShape), typeof(FabricSettings), typeof(ModelConfig),
        typeof(Timetable), typeof(Schedules.Placement), typeof(ExchangeSpace), typeof(IBatchSource), typeof(IBackend), typeof(Telemetry), typeof(TimeProvider),
        typeof(string), typeof(MemberInfo), typeof(Func<ITensorLink>), typeof(IActorRef), typeof(IReadOnlyList<IActorRef>),

        // A control message is never written to, and could come from another process; a rank keeps its last update.
        typeof(ApplyUpdate),
    ];

    [Theory]
    [InlineData("dualpipe", 2, 4, 2, 1)]
    [InlineData("1f1b", 2, 2, 2, 2)]
    [InlineData("zbv", 2, 2, 1, 1)]
    public async Task Nodes_that_train_share_nothing_but_transports_plan_and_corpus(
        string schedule, int pipelineRanks, int expertRanks, int ranksPerNode, int dataGroups)
    {
        RunPlan plan = TrainingFixture.SmallPlan with
        {
            Schedule = schedule,
            PipelineRanks = pipelineRanks,
            ExpertRanks = expertRanks,
            RanksPerNode = ranksPerNode,
            DataGroups = dataGroups,
            SeparatesNodes = true,
        };
        using var run = new TrainingFixture(plan);
        await run.TrainAsync<TrainingEnded>(2);

        AssertApart(run.Memory);
    }

    [Fact]
    public async Task Nodes_that_send_codes_share_nothing_but_transports_plan_and_corpus()
    {
        RunPlan plan = TrainingFixture.SmallPlan with { Model = Fp8Models.Config, PipelineRanks = 1, Schedule = "1f1b", SeparatesNodes = true };
        using var run = new TrainingFixture(plan, backend: new RoundedBackend(new CpuBackend(), Precision.Fp8));
        await run.TrainAsync<TrainingEnded>(2);

        AssertApart(run.Memory);
    }

    [Fact]
    public async Task Nodes_that_serve_share_nothing_but_transports_and_plan()
    {
        using var serving = new ServingFixture(pipelineRanks: 2, expertRanks: 2, ranksPerNode: 1, slotsPerRank: 2, separates: true);
        await serving.AskAsync<InferenceEnded>(new Infer([1, 2, 3], MaxTokens: 3));

        AssertApart(serving.Memory);
    }

    /// <summary>Were it not for the switch, the walk would find what ranks share: it can fail.</summary>
    [Fact]
    public async Task The_walk_finds_what_one_memory_shares()
    {
        using var run = new TrainingFixture(TrainingFixture.SmallPlan);
        await run.TrainAsync<TrainingEnded>(1);

        Assert.NotEmpty(SharedBetweenNodes(run.Memory));
    }

    private static void AssertApart(RunHost memory) => Assert.Empty(SharedBetweenNodes(memory));

    private static string[] SharedBetweenNodes(RunHost memory)
    {
        HashSet<object>[] reached = [.. Enumerable.Range(0, memory.Plan.Nodes).Select(node => Reach(
            [.. memory.Plan.RanksOf(node).Select(memory.Rank)]))];
        Assert.All(reached, node => Assert.True(node.OfType<DeviceBuffer>().Count() > 10, "the walk has missed the tensors"));
        return [.. reached
            .SelectMany(node => node)
            .GroupBy(one => one, ReferenceEqualityComparer.Instance)
            .Where(group => group.Count() > 1 && !IsStateless(group.Key))
            .Select(group => group.Key.GetType().ToString())
            .Distinct()
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>An object that has no state of its own, such as an empty array or a comparer, carries nothing from node to node.</summary>
    private static bool IsStateless(object one) => one is ICollection { Count: 0 } || !FieldsOf(one.GetType()).Any();

    private static HashSet<object> Reach(IEnumerable<object> roots)
    {
        var reached = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var left = new Stack<object>(roots);
        while (left.TryPop(out object? one))
        {
            if (Shared.Any(type => type.IsInstanceOfType(one)) || !reached.Add(one))
            {
                continue;
            }

            if (one is Array array)
            {
                foreach (object? item in array.GetType().GetElementType() is { IsPrimitive: false, IsEnum: false, IsPointer: false } ? array : Array.Empty<object>())
                {
                    Push(left, item);
                }

                continue;
            }

            foreach (FieldInfo field in FieldsOf(one.GetType()))
            {
                Push(left, field.GetValue(one));
            }
        }

        return reached;
    }

    /// <summary>A value type is walked where it lies: boxed anew at each look, it is the same for nobody.</summary>
    private static void Push(Stack<object> left, object? value)
    {
        if (value is not null && !value.GetType().IsPrimitive && !value.GetType().IsPointer && value is not Pointer)
        {
            left.Push(value);
        }
    }

    private static IEnumerable<FieldInfo> FieldsOf(Type type)
    {
        for (Type? at = type; at is not null; at = at.BaseType)
        {
            foreach (FieldInfo field in at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (!field.FieldType.IsPointer && !field.FieldType.IsByRefLike)
                {
                    yield return field;
                }
            }
        }
    }
}
