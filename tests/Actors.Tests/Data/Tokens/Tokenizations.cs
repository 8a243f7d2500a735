using System.Text;
using System.Text.Json;
using Actors.Model.Tokenizers;
using Actors.Runtime.Data;
using Actors.Runtime.Data.Tokens;

namespace Actors.Runtime.Tests.Data.Tokens;

public sealed class Tokenizations : IDisposable
{
    private readonly TokenFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("file", "a b\n\nc", "a b\n\nc")]
    [InlineData("blank-lines", "one\n\n\n\ntwo\r\nthree\n\r\nfour\n", "one", "two\r\nthree", "four\n")]
    [InlineData("<|endoftext|>", "one\n<|endoftext|>\ntwo<|endoftext|><|endoftext|>three", "one\n", "two", "three")]
    public void Documents_are_what_the_form_says(string form, string text, params string[] documents) =>
        Assert.Equal(documents, Decoded(Tokenize("a.tokens", form, _fixture.Folder.Write("a.txt", "\uFEFF" + text))));

    [Fact]
    public void A_line_of_json_is_a_document()
    {
        string[] texts = ["Aé😀 \"quoted\"\n", "", "second", "世界 <|end|> x"];
        string path = _fixture.Folder.Write("a.jsonl", string.Concat(texts.Select((text, i) => $$"""{"id": {{i}}, "text": {{JsonSerializer.Serialize(text)}}}""" + "\r\n\n")));
        Assert.Equal(texts.Where(text => text.Length > 0), Decoded(Tokenize("a.tokens", "file", path)));
    }

    [Theory]
    [InlineData("{\"text\": 1}", "no object with a \"text\"")]
    [InlineData("[1]", "no object with a \"text\"")]
    [InlineData("{\"text\": ", "is no JSON")]
    public void A_wrong_line_is_named(string line, string error)
    {
        string path = _fixture.Folder.Write("a.jsonl", "{\"text\": \"x\"}\n" + line + "\n");
        string message = Assert.Throws<CorpusException>(() => Tokenize("a.tokens", "file", path)).Message;
        Assert.StartsWith($"{path}: the line at byte 14 ", message, StringComparison.Ordinal);
        Assert.Contains(error, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_document_is_cut_at_line_ends_and_has_the_tokens_of_the_whole()
    {
        var text = new StringBuilder();
        for (int i = 0; text.Length < 5 * TextCutter.Most / 2; i++)
        {
            text.Append("the cat ").Append(i).Append(" 世界 naïve 😀").Append(i % 3 == 0 ? "\n\n  " : "\n");
        }

        using TokenFile file = TokenFile.Open(Tokenize("a.tokens", "file", _fixture.Folder.Write("a.txt", text.ToString())));
        var tokens = new int[file.Tokens];
        file.Read(0, tokens);

        Assert.Equal([.. _fixture.Tokenizer.Encode(text.ToString()), _fixture.End], tokens);
    }

    /// <summary>A tokenizer that puts a blank before a text puts none before the parts of one.</summary>
    [Fact]
    public void Parts_of_a_large_document_begin_as_no_text_does()
    {
        string text = string.Concat(Enumerable.Repeat("the cat sat 世\n", 1 + (TextCutter.Most / 14)));
        _fixture.Folder.Write("fallback/tokenizer.json", TinyFallbackPairs.Json());
        ITokenizer tokenizer = BytePairTokenizer.Read(_fixture.Folder.File("fallback"));
        string path = _fixture.Folder.File("fallback.tokens");
        new Tokenization([_fixture.Folder.Write("a.txt", text)], tokenizer, null, new DocumentForm("file"), path, _ => { }).Run(default);
        using TokenFile file = TokenFile.Open(path);
        var tokens = new int[file.Tokens];
        file.Read(0, tokens);

        Assert.True(text.Length > TextCutter.Most);
        Assert.Equal(tokenizer.Encode(text), tokens);
    }

    [Fact]
    public void Bytes_are_tokens_and_documents_have_no_end_token()
    {
        string path = _fixture.Folder.File("bytes.tokens");
        new Tokenization([_fixture.Folder.Write("a.txt", "é\n\nb")], ByteTokenizer.Instance, null, new DocumentForm("blank-lines"), path, _ => { }).Run(default);
        using TokenFile file = TokenFile.Open(path);
        var tokens = new int[file.Tokens];
        file.Read(0, tokens);

        Assert.Equal([0xC3, 0xA9, (int)'b'], tokens);
        Assert.Equal((2, null), (file.Documents, file.EndToken));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public void A_run_that_is_stopped_and_goes_on_writes_the_same_bytes(int stopsAfter)
    {
        string[] inputs = [.. Enumerable.Range(0, 4).Select(i => _fixture.Folder.Write(
            $"{i}{(i == 2 ? ".jsonl" : ".txt")}", string.Concat(Enumerable.Range(0, 300).Select(line => i == 2
                ? $$"""{"text": "the dog {{line}}"}""" + "\n"
                : $"the cat sat on {line} mats\n{(line % 5 == 0 ? "\n" : "")}"))))];
        byte[] whole = File.ReadAllBytes(Tokenize("whole.tokens", "blank-lines", inputs));
        string path = _fixture.Folder.File("resumed.tokens");
        int runs = 0;
        for (bool isDone = false; !isDone; runs++)
        {
            using var stop = new CancellationTokenSource();
            int seen = 0;
            try
            {
                Prepare(path, "blank-lines", inputs, _ =>
                {
                    if (++seen == stopsAfter)
                    {
                        stop.Cancel();
                    }
                }).Run(stop.Token);
                isDone = true;
            }
            catch (OperationCanceledException)
            {
                Assert.False(File.Exists(path));

                // What was written after the last save is as a killed process may leave it.
                File.AppendAllText(path + ".part", "torn");
                File.AppendAllText(path + ".part-index", "torn");
            }
        }

        Assert.InRange(runs, 2, 1000);
        Assert.Equal(whole, File.ReadAllBytes(path));
        Assert.Equal(["resumed.tokens", "whole.tokens"], _fixture.Folder.FileNames().Where(name => name.Contains(".tokens", StringComparison.Ordinal)));
    }

    [Fact]
    public void Inputs_without_text_make_no_file()
    {
        string path = _fixture.Folder.File("none.tokens");
        Assert.Contains("the inputs have no text", Assert.Throws<CorpusException>(() => Tokenize("none.tokens", "blank-lines", _fixture.Folder.Write("a.txt", "\n\n\n"))).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
        Assert.Contains("is compressed (gzip)", Assert.Throws<CorpusException>(() => Tokenize("none.tokens", "file", Gzip())).Message, StringComparison.Ordinal);
    }

    private string Gzip()
    {
        string path = _fixture.Folder.File("a.gz");
        File.WriteAllBytes(path, [0x1F, 0x8B, 8, 0]);
        return path;
    }

    private Tokenization Prepare(string path, string form, string[] inputs, Action<TokenizeProgress> progress) =>
        new(inputs, _fixture.Tokenizer, _fixture.End, new DocumentForm(form), path, progress) { SaveBytes = 500 };

    private string Tokenize(string name, string form, params string[] inputs)
    {
        string path = _fixture.Folder.File(name);
        Prepare(path, form, inputs, _ => { }).Run(default);
        return path;
    }

    private List<string> Decoded(string path)
    {
        using TokenFile file = TokenFile.Open(path);
        var texts = new List<string>();
        for (long document = 0; document < file.Documents; document++)
        {
            var tokens = new int[file.StartOf(document + 1) - file.StartOf(document)];
            file.Read(file.StartOf(document), tokens);
            Assert.Equal(_fixture.End, tokens[^1]);
            texts.Add(_fixture.Tokenizer.Decode(tokens.AsSpan(0, tokens.Length - 1)));
        }

        return texts;
    }
}
