namespace Actors.Cli.Tests.Nodes;

/// <summary>A test of processes that are looked at through /proc and stopped by signals.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "Looks at processes through /proc: needs Linux.";
        }
    }
}
