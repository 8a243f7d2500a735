using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Akka.Configuration;

namespace Actors.Runtime.Tests.Configuration;

/// <summary>What a profile's text is refused for, with line and column.</summary>
public sealed class HoconErrorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("actors {\n  training {\n    steps = 5\n  }\n", 1, 8, "\"{\" is never closed")]
    [InlineData("actors { training { steps = 5 } }\n}", 2, 1, "\"}\" closes nothing")]
    [InlineData("actors.training.steps = 5 }", 1, 27, "\"}\" closes nothing")]
    [InlineData("{ actors.training.steps = 5", 1, 1, "\"{\" is never closed")]
    [InlineData("{ actors.training.steps = 5 } actors.training.seed = 1", 1, 31, "follows the end of the outermost object")]
    [InlineData("actors.data.paths = [\"a\", \"b\"\nactors.training.steps = 5", 1, 21, "\"[\" is never closed")]
    [InlineData("actors.data { paths = [a } ]", 1, 23, "\"[\" is never closed: \"]\" is expected before \"}\"")]
    [InlineData("actors { training [ steps = 5 }", 1, 19, "\"[\" can't stand in a key")]
    [InlineData("actors.data.paths = [a]]", 1, 24, "a comma or a new line is expected, not \"]\"")]
    [InlineData("]", 1, 1, "a key is expected, not \"]\"")]
    [InlineData("[1, 2]", 1, 1, "\"[\" can't stand in a key")]
    [InlineData("actors.model.path = \"a\nb\"", 1, 21, "a double quote is never closed")]
    [InlineData("actors.model.path = \"\"\"a\nb\"", 1, 21, "three double quotes are never closed")]
    [InlineData("\"actors.training.steps = 5", 1, 1, "a double quote is never closed")]
    [InlineData("actors.model.path = \"C:\\q\"", 1, 24, "write two backslashes for one")]
    [InlineData("actors.model.path = \"\\u12\"", 1, 22, "a backslash begins no known escape")]
    [InlineData("actors.model.path = C:/x", 1, 22, "\":\" can't stand in a text without quotes")]
    [InlineData("actors.model.path = /tmp/a#b", 1, 27, "a comment begins here")]
    [InlineData("actors.model.path = models//b", 1, 27, "a comment begins here")]
    [InlineData("actors.training.steps 5", 1, 24, "has no value")]
    [InlineData("actors.training.steps\nactors.training.seed = 5", 1, 22, "the key actors.training.steps has no value")]
    [InlineData("actors.training.steps =", 1, 24, "the value of actors.training.steps is expected, not the end")]
    [InlineData("actors.training { steps = , seed = 1 }", 1, 27, "the value of actors.training.steps is expected, not \",\"")]
    [InlineData("actors.training { steps = 1,, seed = 1 }", 1, 29, "a key is expected, not \",\"")]
    [InlineData("actors.training { steps = 1 } seed = 1", 1, 31, "can't be an object and something else at once")]
    [InlineData("actors.training = 1 { seed = 1 }", 1, 21, "can't be an object and something else at once")]
    [InlineData("actors.inference.temperature = 0,8", 1, 35, "\"0,8\" are two values; write 0.8, with a point")]
    [InlineData("actors.data.paths = [a,,b]", 1, 24, "an element of the list is expected, not \",\"")]
    [InlineData("actors.data.paths = [{a = 1}]", 1, 22, "no setting takes a list of objects")]
    [InlineData("actors..training.steps = 5", 1, 8, "a part of the key is empty")]
    [InlineData("= 5", 1, 1, "a key is expected, not \"=\"")]
    [InlineData("${x} = 5", 1, 1, "\"$\" can't stand in a key")]
    [InlineData("actors.training.steps = ${x", 1, 25, "\"${\" is never closed")]
    [InlineData("include url(\"http://x\")", 1, 9, "only files can be included")]
    [InlineData("include required(file(\"x\"", 1, 26, "\")\" is expected, not the end")]
    public void A_broken_text_is_named_with_line_column_and_reason(string text, int line, int column, string reason)
    {
        ConfigurationException error = Error(text);

        Assert.StartsWith($"{Profile}, line {line}, column {column}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("training { steps = 7 }", "training.steps", "actors.training.steps", 1)]
    [InlineData("\nactor.training.steps = 7", "actor.training.steps", "actors.training.steps", 2)]
    [InlineData("Actors { training { steps = 7 } }", "Actors.training.steps", "actors.training.steps", 1)]
    [InlineData("\"actors.training.steps\" = 7", "\"actors.training.steps\"", "actors.training.steps", 1)]
    [InlineData("\"actors.training\" { steps = 7 }", "\"actors.training\".steps", "actors.training.steps", 1)]
    public void A_section_that_nothing_reads_is_refused(string text, string key, string meant, int line)
    {
        Assert.Equal(
            $"{key} does not exist: keys begin with \"actors.\" or \"akka.\"; did you mean {meant}? ({Profile}, line {line}).",
            Error(text).Message);
    }

    [Theory]
    [InlineData("actors.training.steps {}", "takes a value and has no keys inside")]
    [InlineData("actors.nothing {}", "actors.nothing does not exist")]
    [InlineData("actors.\"training.steps\" = 5", "actors.\"training.steps\" does not exist")]
    public void An_object_without_keys_and_a_quoted_path_are_not_passed_over(string text, string reason) =>
        Assert.Contains(reason, Error(text).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(
        "actors.training.steps = ${mine.steps}",
        "actors.training.steps: ${mine.steps} has no value: set mine.steps, or write ${?mine.steps} where it may be missing (FILE, line 1).")]
    [InlineData(
        "\nactors.training.steps = ${actors.training.sed}",
        "actors.training.steps: ${actors.training.sed} has no value: did you mean ${actors.training.seed}? (FILE, line 2).")]
    [InlineData(
        "x = ${y}\ny = ${x}\nactors.training.steps = ${x}",
        "x: the substitutions go in a circle: y -> x -> y (FILE, line 1).")]
    [InlineData("actors.data.paths = [a] b", "actors.data.paths can't be a list and a text at once (FILE, line 1).")]
    [InlineData(
        "actors.model.path = x${actors.training}",
        "actors.model.path: ${actors.training} is a section and takes the place of a section only (FILE, line 1).")]
    public void A_substitution_without_a_value_is_named(string text, string message) =>
        Assert.Equal(message.Replace("FILE", Profile, StringComparison.Ordinal), Error(text).Message);

    [Theory]
    [InlineData("a = ${a}\nactors.training.steps = ${a}", "${a} has no value")]
    [InlineData("a = ${b}, b = ${c}, c = ${a}\nactors.training.steps = ${a}", "circle")]
    [InlineData("a.b = ${a}\nactors.training.steps = ${a.b}", "circle")]
    [InlineData("a.b = ${c}\nc = ${a}\nactors.training = ${c}", "circle")]
    [InlineData("actors.training.steps = ${actors.training.seed}\nactors.training.seed = ${actors.training.steps}", "circle")]
    public void A_circle_of_substitutions_is_refused(string text, string reason) =>
        Assert.Contains(reason, Error(text).Message, StringComparison.Ordinal);

    [Fact]
    public void Growth_by_substitution_and_depth_have_limits()
    {
        string doubling = string.Join('\n', Enumerable.Range(1, 64).Select(i => $"a{i} = ${{a{i - 1}}}${{a{i - 1}}}"));

        Assert.Contains("is longer than", Error($"a0 = 12345678\n{doubling}\nactors.model.path = ${{a64}}").Message, StringComparison.Ordinal);
        Assert.Contains("are open", Error($"actors.data.paths = {new string('[', 100_000)}").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0 }, " is UTF-16: save it as UTF-8.")]
    [InlineData(new byte[] { 0x61, 0, 0x3D, 0 }, ", line 1 has the character U+0000: it is no text, or not UTF-8.")]
    [InlineData(new byte[] { 0x61, 0x0A, 0xE4, 0x0A }, ", line 2 is not UTF-8: save it as UTF-8.")]
    [InlineData(new byte[] { }, " is empty: write the keys to set, or a comment.")]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0x0D, 0x0A }, " is empty: write the keys to set, or a comment.")]
    public void A_file_that_is_no_text_is_named(byte[] bytes, string reason)
    {
        File.WriteAllBytes(Profile, bytes);

        Assert.Equal(Profile + reason, Assert.Throws<ConfigurationException>(() => LayeredConfiguration.Load(Profile)).Message);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 172\n", " is a Git LFS pointer, not the file itself: run git lfs pull where it was cloned.")]
    [InlineData("<!doctype html><html>", " is an HTML page: the download failed; get it again.")]
    [InlineData("PK\u0003\u0004", " is an archive (zip): unpack it first with unzip.")]
    public void Another_kind_of_file_is_named(string text, string reason) => Assert.Equal(Profile + reason, Error(text).Message);

    [Fact]
    public void A_file_without_end_is_refused()
    {
        Assert.Contains("larger than 1 MiB", Error(new string('#', (1 << 20) + 1)).Message, StringComparison.Ordinal);
        if (File.Exists("/dev/zero"))
        {
            Assert.Contains("/dev/zero", Assert.Throws<ConfigurationException>(() => LayeredConfiguration.Load("/dev/zero")).Message);
        }
    }

    private string Profile => Path.Combine(_folder.Path, "profile.conf");

    private ConfigurationException Error(string text)
    {
        _folder.Write("profile.conf", text);
        return Assert.ThrowsAny<ConfigurationException>(() => CheckedSettings.Read(LayeredConfiguration.Load(Profile)));
    }
}
