using System.Runtime.InteropServices;

namespace Actors.Gpu.Compiling;

/// <summary>Zero-ended UTF-8 texts outside the managed heap, all freed together.</summary>
internal sealed unsafe class NativeTexts : IDisposable
{
    private readonly List<nint> _owned = [];

    /// <summary>Copies a text.</summary>
    public byte* Add(string text)
    {
        nint copy = Marshal.StringToCoTaskMemUTF8(text);
        _owned.Add(copy);
        return (byte*)copy;
    }

    /// <summary>Copies texts, and makes the list of their addresses; null for none.</summary>
    public byte** Add(IReadOnlyList<string> texts)
    {
        if (texts.Count == 0)
        {
            return null;
        }

        nint list = Marshal.AllocCoTaskMem(texts.Count * sizeof(byte*));
        _owned.Add(list);
        for (int i = 0; i < texts.Count; i++)
        {
            ((byte**)list)[i] = Add(texts[i]);
        }

        return (byte**)list;
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.ForEach(Marshal.FreeCoTaskMem);
}
