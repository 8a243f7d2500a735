using Actors.Gpu.Compiling;

namespace Actors.Gpu.Tests.Compiling;

/// <summary>The compiler's messages as people read them.</summary>
public sealed class CompilerLogTests
{
    [Fact]
    public void A_message_is_followed_by_the_line_that_it_is_about()
    {
        string text = KernelCompiler.WithLines("one.cu(2): error: identifier \"x\" is undefined\n\n1 error detected", "first\n    x = 1;\nthird");

        Assert.Equal(
            ["one.cu(2): error: identifier \"x\" is undefined", "    x = 1;", "", "1 error detected"], text.Split(Environment.NewLine));
    }
}
