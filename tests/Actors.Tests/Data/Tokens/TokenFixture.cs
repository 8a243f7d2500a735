using Actors.Model.Tokenizers;
using Actors.Runtime.Data.Tokens;

namespace Actors.Runtime.Tests.Data.Tokens;

/// <summary>A folder with a small tokenizer, and token files of documents that a test makes up.</summary>
internal sealed class TokenFixture : IDisposable
{
    private int _files;

    public TokenFixture()
    {
        Folder.Write("tokenizer.json", TinyBytePairs.Json(TinyBytePairs.DeepSeekPieces));
        Folder.Write("tokenizer_config.json", """{"bos_token": "<|begin|>", "eos_token": "<|end|>"}""");
        Tokenizer = BytePairTokenizer.Read(Folder.Path);
    }

    public TemporaryFolder Folder { get; } = new();

    public ITokenizer Tokenizer { get; }

    public int End => Tokenizer.EndToken!.Value;

    /// <summary>A file of given documents, each without its end token.</summary>
    public string Write(IEnumerable<int[]> documents, bool ends = true, int vocabulary = 0)
    {
        string path = Folder.File($"{_files++}.tokens");
        vocabulary = vocabulary == 0 ? Tokenizer.VocabularySize : vocabulary;
        var kind = new TokenFileHeader(vocabulary > 65536 ? 4 : 2, 0, 0, vocabulary, ends ? End : -1, Tokenizer.Hash, 0);
        using TokenFileWriter writer = TokenFileWriter.Open(path, kind, "job");
        foreach (int[] document in documents)
        {
            writer.Append(document);
            writer.EndDocument();
        }

        writer.Complete();
        return path;
    }

    /// <summary>Documents of random tokens below 100 and of 1 to <paramref name="most"/> tokens.</summary>
    public static int[][] Documents(Random random, int count, int most) =>
        [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => random.Next(100)).ToArray())];

    public void Dispose() => Folder.Dispose();
}
