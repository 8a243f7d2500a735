using Actors.Cli;
using Actors.Cli.Runs;

using var interruption = Interruption.OfProcess(Console.Error);
return await ActorsCommand.RunAsync(args, Terminal.OfProcess(), new ModelRuns(new Composition()), interruption.Token);
