namespace Akka;

/// <summary>What a task returns whose only result is that it is over.</summary>
public sealed class Done
{
    /// <summary>The only value.</summary>
    public static readonly Done Instance = new();

    private Done()
    {
    }
}
