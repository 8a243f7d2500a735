using Actors.Runtime.Diagnostics;
using Actors.Runtime.Dispatching;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace Actors.LoadTests.Measuring;

/// <summary>Makes actor systems as the command does, so that a scenario measures the same dispatcher and log.</summary>
internal static class MeasuredSystem
{
    /// <summary>A system for a number of ranks. Akka.NET's warnings and errors go to standard error, and nothing else of its log.</summary>
    public static ActorSystem Start(string name, int ranks) => ActorSystem.Create(
        name, AkkaLog.Setup(RankDispatcher.For(ranks), new TextLog(Console.Error, LogLevel.Warning, TimeProvider.System)));
}
