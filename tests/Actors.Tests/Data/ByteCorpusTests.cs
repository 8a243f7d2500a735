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

    [Theory]
    [InlineData("1F8B08", "is compressed (gzip): unpack it first with gunzip")]
    [InlineData("504B0304", "is an archive (zip): unpack it first with unzip")]
    [InlineData("425A6839314159265359", "is compressed (bzip2): unpack it first with bunzip2")]
    [InlineData("FD377A585A00", "is compressed (xz): unpack it first with unxz")]
    [InlineData("28B52FFD", "is compressed (zstd): unpack it first with unzstd")]
    [InlineData("FFFE6100", "is UTF-16: turn it into UTF-8 first, such as with iconv -f utf-16 -t utf-8")]
    [InlineData("FEFF0061", "is UTF-16: turn it into UTF-8 first, such as with iconv -f utf-16 -t utf-8")]
    [InlineData("FFFE000061000000", "is UTF-32: turn it into UTF-8 first, such as with iconv -f utf-32 -t utf-8")]
    [InlineData("6100620063006400", "is UTF-16: turn it into UTF-8 first, such as with iconv -f utf-16le -t utf-8")]
    [InlineData("0061006200630064", "is UTF-16: turn it into UTF-8 first, such as with iconv -f utf-16be -t utf-8")]
    [InlineData("6100000062000000", "is UTF-32: turn it into UTF-8 first, such as with iconv -f utf-32le -t utf-8")]
    [InlineData("0000006100000062", "is UTF-32: turn it into UTF-8 first, such as with iconv -f utf-32be -t utf-8")]
    [InlineData("61626300616263", "is not text: byte 3 is zero; remove zero bytes, or name another file")]
    public void What_is_no_text_of_bytes_is_refused_and_left_out_of_a_folder_with_its_reason(string bytes, string fault)
    {
        string path = _folder.Write("texts/a.txt", "");
        File.WriteAllBytes(path, Convert.FromHexString(bytes));
        _folder.Write("texts/b.txt", "text");

        Assert.Equal($"The text {path} {fault}.", Error(() => ByteCorpus.Load([path], 0)));
        ByteCorpus folder = ByteCorpus.Load([Path.Combine(_folder.Path, "texts")], 0);
        Assert.Equal("text", Text(folder.Training));
        Assert.Equal([$"{path} {fault}"], folder.LeftOut);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 172\n", "Git LFS pointer, not the file itself: run git lfs pull where it was cloned")]
    [InlineData("# xet version 0\nfilesize = 172\nhash = '00'\n", "Xet pointer, not the file itself: download the file")]
    public void A_pointer_is_refused_alone_and_in_a_folder(string pointer, string what)
    {
        string path = _folder.Write("texts/a.txt", pointer);
        _folder.Write("texts/b.txt", "text");

        Assert.Equal($"The text {path} is a {what}.", Error(() => ByteCorpus.Load([path], 0)));
        Assert.Equal($"The text {path} is a {what}.", Error(() => ByteCorpus.Load([Path.Combine(_folder.Path, "texts")], 0)));
    }

    [Fact]
    public void A_long_text_about_pointers_and_a_page_are_texts()
    {
        string about = "version https://git-lfs.github.com/spec/v1\noid sha256:00\n" + new string('x', 1024);
        string page = "<!DOCTYPE html><html></html>";

        Assert.Equal(about + page, Text(ByteCorpus.Load([_folder.Write("a.txt", about), _folder.Write("b.html", page)], 0).Training));
    }

    [Fact]
    public void A_zero_byte_far_behind_the_beginning_is_found_too()
    {
        string path = _folder.Write("texts/a.txt", new string('x', 100_000) + "\0");
        _folder.Write("texts/b.txt", "text");

        Assert.Contains("byte 100000 is zero", Error(() => ByteCorpus.Load([path], 0)), StringComparison.Ordinal);
        Assert.Equal("text", Text(ByteCorpus.Load([Path.Combine(_folder.Path, "texts")], 0).Training));
    }

    [Fact]
    public void A_mark_of_UTF_8_at_a_file_s_beginning_is_dropped()
    {
        string path = _folder.Write("a.txt", "\uFEFFtext");

        Assert.Equal("texttext", Text(ByteCorpus.Load([path, path], 0).Training));
    }

    [Fact]
    public void A_link_is_read_and_a_device_is_refused()
    {
        string path = _folder.Write("a.txt", "text");
        string link = Path.Combine(_folder.Path, "link.txt");
        File.CreateSymbolicLink(link, path);

        Assert.Equal("text", Text(ByteCorpus.Load([link], 0).Training));
        Assert.Contains("no regular file", Error(() => ByteCorpus.Load(["/dev/zero"], 0)), StringComparison.Ordinal);
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
            $"The text {path} is empty, or no regular file: name one with at least a few thousand characters.", Error(() => ByteCorpus.Load([path], 0.1)));
    }

    [Fact]
    public void A_folder_without_text_is_named()
    {
        _folder.Write("a.bin", "\0");

        Assert.Equal(
            $"The folder {_folder.Path} has no text file (*): name one that has; {_folder.Path}/a.bin is not text: byte 0 is zero; remove zero bytes, or name another file.", Error(() => ByteCorpus.Load([_folder.Path], 0.1)));
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
