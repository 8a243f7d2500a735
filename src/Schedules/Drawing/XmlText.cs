using System.Security;

namespace Actors.Schedules.Drawing;

/// <summary>Text for an XML document.</summary>
internal static class XmlText
{
    /// <summary>Escapes mark-up and replaces characters that XML 1.0 does not allow.</summary>
    public static string Escape(string text)
    {
        Span<char> allowed = text.Length <= 256 ? stackalloc char[text.Length] : new char[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var isAllowed = c >= ' ' ? !char.IsSurrogate(c) && c < '\uFFFE' : c is '\t' or '\n' or '\r';
            allowed[i] = isAllowed ? c : '?';
        }

        return SecurityElement.Escape(new string(allowed))!;
    }
}
