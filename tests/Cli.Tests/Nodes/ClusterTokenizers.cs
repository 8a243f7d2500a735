using Actors.Cli.Nodes;
using Actors.Model.Tokenizers;
using Actors.Runtime.Cluster.Processes.Serving;
using Actors.Runtime.Serving;

namespace Actors.Cli.Tests.Nodes;

/// <summary>A tokenizer that comes from the leader in pieces.</summary>
public sealed class ClusterTokenizers : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<ReadTokenizer> _asked = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Pieces_are_put_together_and_all_are_of_the_folder_that_the_first_was_of()
    {
        TokenizerFiles files = Write("");
        ClusterTokenizer read = await ClusterTokenizer.ReadAsync(from: null, Ask(at => TokenizerRead.Of("/runs/one", files, at)));

        ITokenizer expected = BytePairTokenizer.Read(_folder.Path);
        Assert.Equal(expected.EncodePrompt("the cat, 世界 42"u8), read.Tokenizer.EncodePrompt("the cat, 世界 42"u8));
        Assert.Equal(expected.Hash.ToArray(), read.Tokenizer.Hash.ToArray());
        Assert.Equal("/runs/one", read.From);
        Assert.Equal([new ReadTokenizer(null, 0), new ReadTokenizer("/runs/one", TokenizerRead.MostBytes)], _asked);
    }

    [Fact]
    public async Task Pieces_of_other_files_are_refused()
    {
        TokenizerFiles files = Write(""), other = Write(" ");
        UsageException error = await Assert.ThrowsAsync<UsageException>(
            () => ClusterTokenizer.ReadAsync("/runs/one", Ask(at => TokenizerRead.Of("/runs/one", at == 0 ? files : other, at))));
        Assert.Contains("has changed while it was read: ask again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_without_a_tokenizer_reads_bytes_and_one_that_cannot_be_given_a_text_is_refused()
    {
        ClusterTokenizer read = await ClusterTokenizer.ReadAsync(null, Ask(at => TokenizerRead.Of(null, null, at)));
        Assert.Same(ByteTokenizer.Instance, read.Tokenizer);
        Assert.Null(read.From);
        UsageException error = await Assert.ThrowsAsync<UsageException>(() => ClusterTokenizer.ReadAsync(null, _ => Task.FromResult<object>(new InferenceRefused("no"))));
        Assert.Equal("no", error.Message);
    }

    private Func<ReadTokenizer, Task<object>> Ask(Func<int, TokenizerRead> piece) => message =>
    {
        _asked.Add(message);
        return Task.FromResult<object>(piece(message.At));
    };

    /// <summary>Files of more than one piece and fewer than two.</summary>
    private TokenizerFiles Write(string blanks)
    {
        _folder.Write("tokenizer.json", TinyBytePairs.Json(TinyBytePairs.DeepSeekPieces) + blanks + new string(' ', TokenizerRead.MostBytes));
        _folder.Write("tokenizer_config.json", """{"bos_token": "<|begin|>", "add_bos_token": true}""");
        return TokenizerFiles.Read(_folder.Path)!;
    }
}
