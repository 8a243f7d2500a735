namespace Actors.Runtime.Configuration;

/// <summary>Which key is written on which line of a text and the texts that it includes, in the order of reading.</summary>
internal sealed class KeyPlaces
{
    private readonly List<(string Key, KeyOrigin Origin)> _places = [];

    /// <summary>Notes that a key is written at a place.</summary>
    public void Add(string key, KeyOrigin origin) => _places.Add((key, origin));

    /// <summary>The last place that gives the key, or an object that holds it, a value.</summary>
    public KeyOrigin? Find(string key)
    {
        for (int i = _places.Count - 1; i >= 0; i--)
        {
            string written = _places[i].Key;
            if (key.StartsWith(written, StringComparison.Ordinal) && (key.Length == written.Length || key[written.Length] == '.'))
            {
                return _places[i].Origin;
            }
        }

        return null;
    }
}
