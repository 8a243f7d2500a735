namespace Akka.Dispatch;

/// <summary>Work that a dispatcher or a scheduler runs.</summary>
public interface IRunnable
{
    /// <summary>Does the work.</summary>
    void Run();
}
