using System.CommandLine;
using System.Diagnostics;
using Actors.Runtime.Configuration;

namespace Actors.Cli.Commands;

/// <summary>The options of a subcommand that each stand for one key: a number, a text, or texts where it may be given several times.</summary>
/// <param name="command">The subcommand.</param>
internal sealed class KeyOptions(Command command)
{
    private readonly List<Func<ParseResult, ConfigurationOverride?>> _options = [];

    /// <summary>Adds an option to the subcommand.</summary>
    /// <param name="option">The option; its description names the key.</param>
    /// <param name="key">The key.</param>
    public void Add<T>(Option<T> option, string key)
    {
        command.Add(option);
        _options.Add(parsed => parsed.GetValue(option) switch
        {
            null or string[] { Length: 0 } => null,
            int number => ConfigurationOverride.Of(option.Name, key, (long)number),
            long number => ConfigurationOverride.Of(option.Name, key, number),
            double number => ConfigurationOverride.Of(option.Name, key, number),
            string text => ConfigurationOverride.Of(option.Name, key, text),
            string[] texts => ConfigurationOverride.Of(option.Name, key, texts),
            _ => throw new UnreachableException($"{option.Name} has values of a type that no key has."),
        });
    }

    /// <summary>What those that are given stand for.</summary>
    public IEnumerable<ConfigurationOverride> Overrides(ParseResult parsed) => _options.Select(option => option(parsed)).OfType<ConfigurationOverride>();
}
