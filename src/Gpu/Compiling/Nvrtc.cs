using System.Runtime.InteropServices;

namespace Actors.Gpu.Compiling;

/// <summary>The calls of NVRTC that are used, as <c>nvrtc.h</c> of CUDA 12 and 13 declares them; 0 is success.</summary>
internal static unsafe partial class Nvrtc
{
    private const string Library = "nvrtc";

    /// <summary>An option, such as the target, is not known (NVRTC_ERROR_INVALID_OPTION).</summary>
    public const int InvalidOption = 5;

    /// <summary>The source does not compile (NVRTC_ERROR_COMPILATION).</summary>
    public const int CompilationError = 6;

    [LibraryImport(Library)]
    public static partial int nvrtcVersion(out int major, out int minor);

    [LibraryImport(Library)]
    public static partial byte* nvrtcGetErrorString(int status);

    [LibraryImport(Library)]
    public static partial int nvrtcCreateProgram(out nint program, byte* source, byte* name, int headers, byte** headerTexts, byte** headerNames);

    [LibraryImport(Library)]
    public static partial int nvrtcDestroyProgram(ref nint program);

    [LibraryImport(Library)]
    public static partial int nvrtcCompileProgram(nint program, int options, byte** texts);

    [LibraryImport(Library)]
    public static partial int nvrtcGetProgramLogSize(nint program, out nuint bytes);

    [LibraryImport(Library)]
    public static partial int nvrtcGetProgramLog(nint program, byte* log);

    [LibraryImport(Library)]
    public static partial int nvrtcGetCUBINSize(nint program, out nuint bytes);

    [LibraryImport(Library)]
    public static partial int nvrtcGetCUBIN(nint program, byte* cubin);
}
