namespace Actors.Gpu.Libraries;

/// <summary>A library that has been loaded.</summary>
/// <param name="Path">Its file, or its name where the loader found it.</param>
/// <param name="Handle">The loader's.</param>
public sealed record LoadedLibrary(string Path, nint Handle);
