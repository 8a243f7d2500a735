using Actors.Runtime.Data;
using Actors.Runtime.Data.Tokens;

namespace Actors.Runtime.Tests.Data.Tokens;

public sealed class TokenFiles : IDisposable
{
    private readonly TokenFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData(1000, true)]
    [InlineData(200_000, true)]
    [InlineData(200_000, false)]
    public void Documents_come_back(int vocabulary, bool ends)
    {
        int[][] documents = TokenFixture.Documents(new Random(1), 300, 40);
        documents[7] = [vocabulary - 1];
        using TokenFile file = TokenFile.Open(_fixture.Write(documents, ends, vocabulary));

        Assert.Equal(documents.Length, file.Documents);
        Assert.Equal(ends ? _fixture.End : null, file.EndToken);
        Assert.Equal(vocabulary, file.VocabularySize);
        for (int i = 0; i < documents.Length; i++)
        {
            var tokens = new int[file.StartOf(i + 1) - file.StartOf(i)];
            file.Read(file.StartOf(i), tokens);
            Assert.Equal(ends ? [.. documents[i], _fixture.End] : documents[i], tokens);
        }
    }

    [Fact]
    public void A_document_without_tokens_is_left_out()
    {
        using TokenFile file = TokenFile.Open(_fixture.Write([[1], [], [2]]));
        Assert.Equal((2, 4), (file.Documents, file.Tokens));
    }

    [Fact]
    public void A_torn_or_foreign_file_is_refused_by_its_name()
    {
        string path = _fixture.Write([[1, 2, 3], [4]]);
        byte[] whole = File.ReadAllBytes(path);

        Assert.Contains("is damaged (it has", Error(path, whole[..^1]), StringComparison.Ordinal);
        Assert.Contains("is damaged (it has", Error(path, [.. whole, 0]), StringComparison.Ordinal);
        Assert.Contains("is damaged (its header)", Error(path, whole[..60]), StringComparison.Ordinal);
        Assert.Contains("is damaged (its header)", Error(path, Changed(whole, 16)), StringComparison.Ordinal);
        Assert.Contains("is damaged (its index)", Error(path, Changed(whole, whole.Length - 1)), StringComparison.Ordinal);
        Assert.Contains("version 254, this program reads 1", Error(path, Changed(whole, 8)), StringComparison.Ordinal);
        Assert.Contains("is no token file", Error(path, "some text"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("can't be read", Assert.Throws<CorpusException>(() => TokenFile.Open(_fixture.Folder.File("none"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_replaced_and_another_jobs_rest_is_not_gone_on_with()
    {
        string path = _fixture.Write([[1]]), part = _fixture.Folder.File("b.tokens");
        var kind = new TokenFileHeader(2, 0, 0, 300, -1, _fixture.Tokenizer.Hash, 0);
        Assert.Contains("nothing is replaced", Assert.Throws<CorpusException>(() => TokenFileWriter.Open(path, kind, "job")).Message, StringComparison.Ordinal);
        using (TokenFileWriter writer = TokenFileWriter.Open(part, kind, "one"))
        {
            writer.Append([1, 2]);
            writer.EndDocument();
            writer.Save(new InputPosition(0, 10));
        }

        Assert.False(File.Exists(part));
        Assert.Contains("is the unfinished file of other inputs", Assert.Throws<CorpusException>(() => TokenFileWriter.Open(part, kind, "two")).Message, StringComparison.Ordinal);
        using TokenFileWriter same = TokenFileWriter.Open(part, kind, "one");
        Assert.Equal((2, 1, new InputPosition(0, 10)), (same.Tokens, same.Documents, same.Position));
    }

    private static byte[] Changed(byte[] whole, int at)
    {
        byte[] changed = [.. whole];
        changed[at] ^= 0xFF;
        return changed;
    }

    private static string Error(string path, byte[] bytes)
    {
        File.WriteAllBytes(path, bytes);
        string message = Assert.Throws<CorpusException>(() => TokenFile.Open(path)).Message;
        Assert.Contains(path, message, StringComparison.Ordinal);
        return message;
    }
}
