namespace Actors.Cli.Runs;

/// <summary>Looks whether results can be written before they are computed: it is too late afterwards.</summary>
internal static class WritablePlaces
{
    /// <summary>Tries a file; one that is there keeps its contents.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public static void RequireFile(string option, string file)
    {
        try
        {
            bool isNew = !File.Exists(file);
            new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            if (isNew)
            {
                File.Delete(file);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(option, file, failure);
        }
    }

    private static UsageException Unwritable(string option, string place, Exception failure) =>
        new($"{option}: {place} cannot be written: {failure.Message.TrimEnd('.')}; name another");
}
