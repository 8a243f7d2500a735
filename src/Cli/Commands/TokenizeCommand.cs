using System.CommandLine;
using System.Globalization;
using Actors.Cli.Progress;
using Actors.Model.Tokenizers;
using Actors.Runtime.Data.Tokens;

namespace Actors.Cli.Commands;

/// <summary><c>actors tokenize</c>: makes a token file of texts.</summary>
internal sealed class TokenizeCommand
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    private readonly Argument<string[]> _inputs = new("INPUT")
    {
        Description = "Files and folders of text; in .jsonl and .ndjson files a document is the \"text\" of a line",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _tokenizer = new("--tokenizer")
    {
        Description = "A tokenizer.json, a folder with one, or bytes",
        HelpName = "PATH",
        Required = true,
    };

    private readonly Option<string> _output = new("--out") { Description = "The token file; nothing is replaced", HelpName = "FILE", Required = true };

    private readonly Option<string?> _documents = new("--documents")
    {
        Description = "What a document of a text is: file, the whole of one; blank-lines, what stands between them; or the word that separates documents",
        HelpName = "FORM",
    };

    private readonly Option<string?> _end = new("--eos")
    {
        Description = "The token behind every document; tokenizer_config.json's eos_token where it is not given",
        HelpName = "TOKEN",
    };

    private readonly Terminal _terminal;

    private TokenizeCommand(Terminal terminal) => _terminal = terminal;

    public static Command Create(Terminal terminal)
    {
        var tokenize = new TokenizeCommand(terminal);
        var command = new CommandWithExamples(
            "tokenize",
            "Make a token file of texts; stopped, the same command goes on",
            "tokenize texts --tokenizer DIR --out texts.tokens",
            "tokenize a.jsonl b.jsonl --tokenizer tokenizer.json --eos '<|endoftext|>' --out ab.tokens",
            "tokenize book.txt --tokenizer bytes --documents blank-lines --out book.tokens")
        {
            tokenize._inputs, tokenize._tokenizer, tokenize._output, tokenize._documents, tokenize._end,
        };
        command.SetAction((parsed, stop) => Task.Run(() => tokenize.Run(parsed, stop), CancellationToken.None));
        return command;
    }

    private int Run(ParseResult parsed, CancellationToken stop)
    {
        ITokenizer tokenizer = TokenizerSource.Read(parsed.GetValue(_tokenizer)!);
        string output = parsed.GetValue(_output)!;
        string form = parsed.GetValue(_documents) ?? DocumentForm.WholeFile.Name;
        if (form.Length == 0)
        {
            throw new UsageException("--documents: write file, blank-lines, or the word that separates documents");
        }

        var lines = new ProgressLines(_terminal, TimeProvider.System);
        var tokenization = new Tokenization(parsed.GetValue(_inputs)!, tokenizer, EndOf(parsed, tokenizer), new DocumentForm(form), output, lines.Show);
        foreach (string left in tokenization.LeftOut)
        {
            _terminal.Error.WriteLine($"not in the tokens: {left}");
        }

        TokenizeProgress done = tokenization.Run(stop);
        _terminal.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{output}: {done.Tokens} tokens in {done.Documents} documents, from {Quantity.Bytes(done.TotalBytes)} in {tokenization.Files} files"));
        return ExitCode.Success;
    }

    private int? EndOf(ParseResult parsed, ITokenizer tokenizer)
    {
        if (parsed.GetValue(_end) is { } token)
        {
            return tokenizer.Find(token) ?? throw new UsageException($"--eos: {tokenizer.Name} has no token {token}");
        }

        if (tokenizer.EndToken is null && tokenizer is BytePairTokenizer)
        {
            _terminal.Error.WriteLine("documents get no end token: there is no tokenizer_config.json that names it; --eos TOKEN does");
        }

        return tokenizer.EndToken;
    }

    /// <summary>Says every few seconds how far it is.</summary>
    private sealed class ProgressLines(Terminal terminal, TimeProvider time)
    {
        private readonly long _started = time.GetTimestamp();
        private long _last = time.GetTimestamp();
        private long _firstBytes = -1, _firstTokens;

        public void Show(TokenizeProgress progress)
        {
            if (_firstBytes < 0)
            {
                (_firstBytes, _firstTokens) = (progress.Bytes, progress.Tokens);
            }

            if (time.GetElapsedTime(_last) < BetweenLines)
            {
                return;
            }

            _last = time.GetTimestamp();
            double seconds = time.GetElapsedTime(_started).TotalSeconds;
            double share = (double)progress.Bytes / progress.TotalBytes, rate = (progress.Bytes - _firstBytes) / seconds;
            string left = rate > 0 ? $", {Quantity.Time(TimeSpan.FromSeconds(Math.Min(1e9, (progress.TotalBytes - progress.Bytes) / rate)))} left" : "";
            terminal.Error.WriteLine(
                $"{Quantity.Percent(share)} of {Quantity.Bytes(progress.TotalBytes)}, {Quantity.Short(progress.Tokens)} tokens in "
                + $"{Quantity.Short(progress.Documents)} documents, {Quantity.Short((progress.Tokens - _firstTokens) / seconds)} tokens/s{left}");
        }
    }
}
