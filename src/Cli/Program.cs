using Actors.Cli;
using Actors.Cli.Runs;

using var interruption = Interruption.OfProcess(Console.Error);
Terminal terminal = Terminal.OfProcess();
return await ActorsCommand.RunAsync(args, terminal, new ModelRuns(new Composition { Log = terminal.Error }), interruption.Token);
