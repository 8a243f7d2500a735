using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Actors.Cli.Runs;
using Actors.Model.Checkpoint;
using Actors.Runtime.Configuration;
using Actors.Runtime.Data;

namespace Actors.Cli.Nodes;

/// <summary>What the processes of a run must agree on, as one number: version, the settings that decide values, model and text.</summary>
internal static class RunHash
{
    private static readonly string[] Sections =
        ["actors.model.", "actors.parallel.", "actors.pipeline.", "actors.fabric.", "actors.training.", "actors.data.held-out-fraction"];

    /// <summary>The hash, in hexadecimal digits.</summary>
    public static string Of(ActorsSettings settings, ModelSource source, ICorpus corpus)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, $"{typeof(RunHash).Assembly.GetName().Version}");
        foreach (EffectiveSetting setting in settings.Effective.Where(IsShared).OrderBy(setting => setting.Key, StringComparer.Ordinal))
        {
            Add(hash, string.Create(CultureInfo.InvariantCulture, $"{setting.Key}={setting.Value}"));
        }

        if (source.Folder is { } folder)
        {
            hash.AppendData(File.ReadAllBytes(Path.Combine(folder, HubConfig.FileName)));
            foreach (string file in Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal))
            {
                Add(hash, string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}: {new FileInfo(file).Length}"));
            }
        }

        corpus.AddTo(hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A model's folder may lie elsewhere on each machine: what is in it counts.</summary>
    private static bool IsShared(EffectiveSetting setting) =>
        setting.Key != "actors.model.path" && Array.Exists(Sections, section => setting.Key.StartsWith(section, StringComparison.Ordinal));

    private static void Add(IncrementalHash hash, string line) => hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
}
