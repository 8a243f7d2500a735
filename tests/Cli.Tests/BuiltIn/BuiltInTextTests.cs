using Actors.Cli.BuiltIn;
using Actors.Runtime.Data;

namespace Actors.Cli.Tests.BuiltIn;

public sealed class BuiltInTextTests
{
    [Fact]
    public void It_is_the_sources_of_the_checkout_in_the_order_of_their_paths()
    {
        ByteCorpus sources = ByteCorpus.Load([Path.GetFullPath(CheckoutFiles.Find("src")!)], 0.1, "*.cs");

        ByteCorpus text = BuiltInText.Load(0.1);

        Assert.Equal(sources.Files, text.Files);
        Assert.True(sources.Training.Span.SequenceEqual(text.Training.Span));
        Assert.True(sources.HeldOut.Span.SequenceEqual(text.HeldOut.Span));
    }
}
