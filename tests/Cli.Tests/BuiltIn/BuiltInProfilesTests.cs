using Actors.Cli.BuiltIn;
using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;

namespace Actors.Cli.Tests.BuiltIn;

public sealed class BuiltInProfilesTests
{
    [Fact]
    public void Every_profile_of_the_repository_is_carried_as_it_is()
    {
        string[] files = Directory.GetFiles(CheckoutFiles.Find("hocon")!, "*.conf");

        Assert.Equal(files.Length, BuiltInProfiles.Names.Count);
        Assert.All(files, file => Assert.Equal(
            File.ReadAllText(file), BuiltInProfiles.Read(BuiltInProfiles.Resolve(Path.GetFileNameWithoutExtension(file)))));
    }

    [Theory]
    [InlineData("shakespeare")]
    [InlineData("hocon/shakespeare.conf")]
    public void A_name_or_a_path_without_a_file_is_a_built_in_profile_with_what_it_includes(string profile)
    {
        LayeredConfiguration configuration = LayeredConfiguration.Load(BuiltInProfiles.Resolve(profile), read: BuiltInProfiles.TextOf);

        Assert.Equal(32, CheckedSettings.Read(configuration).Model.Config.RoutedExperts);
        Assert.Equal("built-in hocon/shakespeare.conf", configuration.OriginOf("actors.model.routed-experts").Source);
        Assert.Equal("built-in hocon/quickstart.conf", configuration.OriginOf("actors.model.hidden-size").Source);
    }

    [Fact]
    public void A_file_goes_before_a_built_in_profile()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("quickstart", "");

        Assert.Equal(file, BuiltInProfiles.Resolve(file));
    }

    [Theory]
    [InlineData("none.conf")]
    [InlineData("hocon/none.conf")]
    [InlineData("hocon/")]
    [InlineData("./shakespeare")]
    public void Another_path_stays_a_path(string path) => Assert.Equal(path, BuiltInProfiles.Resolve(path));
}
