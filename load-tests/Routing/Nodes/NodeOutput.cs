namespace Actors.LoadTests.Routing.Nodes;

/// <summary>Lines of a node process to the process that started it, from any thread.</summary>
internal sealed class NodeOutput
{
    private readonly Lock _writing = new();

    public void Say(string line)
    {
        lock (_writing)
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
