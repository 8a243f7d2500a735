using System.Text;
using Actors.Runtime.Data;

namespace Actors.Runtime.Tests.Data;

public sealed class ByteCorpusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_last_tenth_is_held_out_and_nothing_is_lost()
    {
        string path = _folder.Write("a.txt", "0123456789abcdefghijklmnopqrst");

        ByteCorpus corpus = ByteCorpus.Load([path], 0.1);

        Assert.Equal("0123456789abcdefghijklmnopq", Text(corpus.Training));
        Assert.Equal("rst", Text(corpus.HeldOut));
    }

    [Fact]
    public void Files_follow_the_order_of_paths_and_inside_a_folder_the_ordinal_order()
    {
        _folder.Write("texts/b.txt", "b");
        _folder.Write("texts/B.txt", "B");
        _folder.Write("texts/a/z.txt", "z");
        string last = _folder.Write("last.txt", "!");

        ByteCorpus corpus = ByteCorpus.Load([Path.Combine(_folder.Path, "texts"), last], 0);

        Assert.Equal("Bzb!", Text(corpus.Training));
        Assert.Equal(4, corpus.Files);
    }

    [Fact]
    public void A_folder_gives_its_texts_without_binaries_hidden_files_and_build_output()
    {
        _folder.Write("a.cs", "a");
        _folder.Write("image.cs", "x\0y");
        _folder.Write(".git/c.cs", "c");
        _folder.Write(".hidden.cs", "h");
        _folder.Write("obj/d.cs", "d");
        _folder.Write("bin/e.cs", "e");
        _folder.Write("readme.md", "r");

        Assert.Equal("a", Text(ByteCorpus.Load([_folder.Path], 0, "*.cs").Training));
        Assert.Equal("ar", Text(ByteCorpus.Load([_folder.Path], 0).Training));
    }

    [Fact]
    public void A_missing_path_is_named()
    {
        Assert.Equal("The text nowhere.txt does not exist: name a file or a folder.", Error(() => ByteCorpus.Load(["nowhere.txt"], 0.1)));
    }

    [Fact]
    public void An_empty_file_is_named()
    {
        string path = _folder.Write("empty.txt", "");

        Assert.Equal(
            $"The text {path} is empty: name one with at least a few thousand characters.", Error(() => ByteCorpus.Load([path], 0.1)));
    }

    [Fact]
    public void A_folder_without_text_is_named()
    {
        _folder.Write("a.bin", "\0");

        Assert.Equal(
            $"The folder {_folder.Path} has no text file (*): name one that has.", Error(() => ByteCorpus.Load([_folder.Path], 0.1)));
    }

    [Fact]
    public void A_text_shorter_than_a_sequence_is_named_with_both_lengths()
    {
        string path = _folder.Write("short.txt", new string('x', 100));

        Assert.Equal(
            $"The text {path} has 100 bytes, of which 90 are the training part, but a sequence needs 129: "
            + "name a longer text or set a smaller actors.training.sequence-length.",
            Error(() => ByteCorpus.Load([path], 0.1).Require(128, 256)));
    }

    [Fact]
    public void A_held_out_part_shorter_than_a_sequence_is_named_with_both_lengths()
    {
        string path = _folder.Write("short.txt", new string('x', 1000));

        Assert.Equal(
            $"The text {path} has 1000 bytes, of which 100 are the held-out part, but a sequence needs 129: "
            + "name a longer text or set a smaller actors.training.sequence-length.",
            Error(() => ByteCorpus.Load([path], 0.1).Require(128, 256)));
    }

    [Fact]
    public void Without_a_held_out_part_only_the_training_part_must_be_long_enough()
    {
        ByteCorpus corpus = ByteCorpus.Load([_folder.Write("a.txt", new string('x', 129))], 0);

        corpus.Require(128, 256);
        Assert.True(corpus.HeldOut.IsEmpty);
    }

    [Fact]
    public void A_byte_outside_the_vocabulary_is_named()
    {
        string path = _folder.Write("a.txt", "abcé");

        Assert.Equal(
            $"The text {path} has the byte 195, but the model knows 128 tokens: set actors.model.vocabulary-size to 256.",
            Error(() => ByteCorpus.Load([path], 0).Require(2, 128)));
    }

    private static string Error(Action action) => Assert.Throws<CorpusException>(action).Message;

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
