using System.Runtime.Intrinsics;

namespace Actors.Cpu.Simd.Products;

/// <summary>Chooses the tile kernel for this machine's vectors, a panel's columns and a strip's rows.</summary>
internal static class TileDispatch
{
    /// <summary>Floats in the machine's widest vector.</summary>
    public static int Lanes =>
        Vector512.IsHardwareAccelerated ? Width512.Lanes : Vector256.IsHardwareAccelerated ? Width256.Lanes : Width128.Lanes;

    /// <summary>Columns of a whole panel.</summary>
    public static int PanelColumns => PanelVectors * Lanes;

    /// <summary>Vectors that a whole panel's columns fill.</summary>
    public static int PanelVectors =>
        Vector512.IsHardwareAccelerated ? Width512.PanelVectors
        : Vector256.IsHardwareAccelerated ? Width256.PanelVectors : Width128.PanelVectors;

    /// <summary>Most rows of a strip over panels of <paramref name="vectors"/> vectors' columns.</summary>
    public static int MaxRows(int vectors) =>
        vectors > 2 ? WideTileKernel<Vector512<float>, Width512>.MaxRows
        : Vector512.IsHardwareAccelerated ? Width512.MaxRows
        : Vector256.IsHardwareAccelerated ? Width256.MaxRows : Width128.MaxRows;

    /// <summary>Runs a strip of <paramref name="rows"/> rows over panels of <paramref name="vectors"/> vectors' columns.</summary>
    public static void Run<TLayout>(int rows, int vectors, in Strip strip)
        where TLayout : struct, ILeftLayout
    {
        switch (vectors)
        {
            case 1:
                Narrow<One, TLayout>(rows, strip);
                break;
            case 2:
                Narrow<Two, TLayout>(rows, strip);
                break;
            case 3:
                Wide<Three, TLayout>(rows, strip);
                break;
            default:
                Wide<Four, TLayout>(rows, strip);
                break;
        }
    }

    private static void Narrow<TColumns, TLayout>(int rows, in Strip strip)
        where TColumns : struct, IConstant
        where TLayout : struct, ILeftLayout
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Narrow<Vector512<float>, Width512, TColumns, TLayout>(rows, strip);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Narrow<Vector256<float>, Width256, TColumns, TLayout>(rows, strip);
        }
        else
        {
            Narrow<Vector128<float>, Width128, TColumns, TLayout>(rows, strip);
        }
    }

    private static void Narrow<TVector, TWidth, TColumns, TLayout>(int rows, in Strip strip)
        where TVector : struct
        where TWidth : struct, IVectorWidth<TVector>
        where TColumns : struct, IConstant
        where TLayout : struct, ILeftLayout
    {
        switch (rows)
        {
            case 1:
                TileKernel<TVector, TWidth>.Run<One, TColumns, TLayout>(strip);
                break;
            case 2:
                TileKernel<TVector, TWidth>.Run<Two, TColumns, TLayout>(strip);
                break;
            case 3:
                TileKernel<TVector, TWidth>.Run<Three, TColumns, TLayout>(strip);
                break;
            case 4:
                TileKernel<TVector, TWidth>.Run<Four, TColumns, TLayout>(strip);
                break;
            case 5:
                TileKernel<TVector, TWidth>.Run<Five, TColumns, TLayout>(strip);
                break;
            case 6:
                TileKernel<TVector, TWidth>.Run<Six, TColumns, TLayout>(strip);
                break;
            case 7:
                TileKernel<TVector, TWidth>.Run<Seven, TColumns, TLayout>(strip);
                break;
            case 8:
                TileKernel<TVector, TWidth>.Run<Eight, TColumns, TLayout>(strip);
                break;
            case 9:
                TileKernel<TVector, TWidth>.Run<Nine, TColumns, TLayout>(strip);
                break;
            case 10:
                TileKernel<TVector, TWidth>.Run<Ten, TColumns, TLayout>(strip);
                break;
            case 11:
                TileKernel<TVector, TWidth>.Run<Eleven, TColumns, TLayout>(strip);
                break;
            case 12:
                TileKernel<TVector, TWidth>.Run<Twelve, TColumns, TLayout>(strip);
                break;
            case 13:
                TileKernel<TVector, TWidth>.Run<Thirteen, TColumns, TLayout>(strip);
                break;
            default:
                TileKernel<TVector, TWidth>.Run<Fourteen, TColumns, TLayout>(strip);
                break;
        }
    }

    /// <summary>Only vectors of 512 bits come in panels of more than two.</summary>
    private static void Wide<TColumns, TLayout>(int rows, in Strip strip)
        where TColumns : struct, IConstant
        where TLayout : struct, ILeftLayout
    {
        switch (rows)
        {
            case 1:
                WideTileKernel<Vector512<float>, Width512>.Run<One, TColumns, TLayout>(strip);
                break;
            case 2:
                WideTileKernel<Vector512<float>, Width512>.Run<Two, TColumns, TLayout>(strip);
                break;
            case 3:
                WideTileKernel<Vector512<float>, Width512>.Run<Three, TColumns, TLayout>(strip);
                break;
            case 4:
                WideTileKernel<Vector512<float>, Width512>.Run<Four, TColumns, TLayout>(strip);
                break;
            case 5:
                WideTileKernel<Vector512<float>, Width512>.Run<Five, TColumns, TLayout>(strip);
                break;
            default:
                WideTileKernel<Vector512<float>, Width512>.Run<Six, TColumns, TLayout>(strip);
                break;
        }
    }
}
