using System.Globalization;

namespace Actors.LoadTests.CommandLine;

/// <summary>Reads <c>--name value</c> pairs; every option that is given must be asked for.</summary>
internal sealed class OptionReader
{
    private readonly Dictionary<string, string> _values = [];
    private readonly HashSet<string> _known = ["--help"];

    public OptionReader(ReadOnlySpan<string> arguments)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            if (name is "--help" or "-h")
            {
                WantsHelp = true;
                continue;
            }

            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                throw new UsageException($"'{name}' is no option: options begin with --.");
            }

            if (i + 1 == arguments.Length)
            {
                throw new UsageException($"{name} needs a value.");
            }

            if (!_values.TryAdd(name, arguments[++i]))
            {
                throw new UsageException($"{name} is given twice.");
            }
        }
    }

    public bool WantsHelp { get; }

    public string? Text(string name)
    {
        _known.Add(name);
        return _values.GetValueOrDefault(name);
    }

    public int Whole(string name, int otherwise, int least = 1, int most = int.MaxValue)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= least && value <= most
            ? value
            : throw new UsageException($"{name} {text}: give a whole number from {least}{(most == int.MaxValue ? " on" : $" to {most}")}.");
    }

    public double Number(string name, double otherwise, double least)
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) && value >= least
            ? value
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{name} {text}: give a number, {least} or more."));
    }

    public string OneOf(string name, string otherwise, params ReadOnlySpan<string> choices)
    {
        string value = Text(name) ?? otherwise;
        return choices.Contains(value) ? value : throw new UsageException($"{name} {value}: choose one of {string.Join(", ", choices!)}.");
    }

    /// <summary>Refuses options that nobody asked for.</summary>
    public void End()
    {
        foreach (string name in _values.Keys)
        {
            if (!_known.Contains(name))
            {
                throw new UsageException($"There is no option {name}: --help lists them.");
            }
        }
    }
}
