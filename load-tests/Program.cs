using System.CommandLine;
using System.CommandLine.Help;
using Actors.Gpu;
using Actors.LoadTests.Checkpoints;
using Actors.LoadTests.CommandLine;
using Actors.LoadTests.Exchange;
using Actors.LoadTests.Gpu;
using Actors.LoadTests.Links;
using Actors.LoadTests.Messages;
using Actors.LoadTests.Routing;
using Actors.LoadTests.Routing.Nodes;
using Actors.Model.Checkpoint;

namespace Actors.LoadTests;

/// <summary>The load test's commands.</summary>
internal static class Program
{
    /// <summary>The command line: every scenario with its options.</summary>
    internal static RootCommand Create()
    {
        var root = new RootCommand("Load tests: routing of tokens, messages between actors, links between processes, kernels of a GPU, rows between GPUs, large checkpoints. SCENARIO --help lists its options.")
        {
            RoutingCommand.Create(),
            NodeCommand.Create(),
            MessagesCommand.Create(),
            LinksCommand.Create(),
            LinksPeer.Create(),
            GpuCommand.Create(),
            ExchangeCommand.Create(),
            CheckpointCommand.Create(),
        };
        root.SetAction(parsed =>
        {
            new HelpAction().Invoke(parsed);
            return 2;
        });
        return root;
    }

    /// <summary>Runs a command line; a GPU that is not there or refuses, or a checkpoint, is a failure with a line of its own.</summary>
    public static Task<int> RunAsync(string[] arguments) => Invocation.RunAsync(Create(), arguments, failure => failure is CudaException or CheckpointException);

    private static Task<int> Main(string[] arguments) => RunAsync(arguments);
}
