using Actors.Runtime.Configuration;
using Actors.Runtime.Placement;
using Akka.Configuration;

namespace Actors.Runtime.Tests.Configuration;

/// <summary>Every message is exact: people and scripts read them. FILE stands for the profile's path.</summary>
public sealed class ConfigurationErrorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(
        "\nactors.training.step = 5",
        "actors.training.step does not exist: did you mean actors.training.steps? (FILE, line 2).")]
    [InlineData(
        "actors.optimizer.beta1 = 0.5",
        "actors.optimizer.beta1 does not exist: did you mean actors.training.optimizer.beta1? (FILE, line 1).")]
    [InlineData(
        "actors {\n  training {\n    lerning-rate { peak = 1 }\n  }\n}",
        "actors.training.lerning-rate.peak does not exist: did you mean actors.training.learning-rate.peak? (FILE, line 3).")]
    [InlineData(
        "actors.training.steps { a = 1 }",
        "actors.training.steps.a does not exist, because actors.training.steps takes a value and has no keys inside (FILE, line 1).")]
    [InlineData(
        "actors.training = 5",
        "actors.training is a section and takes no value: set a key inside it, such as actors.training.steps (FILE, line 1).")]
    [InlineData(
        "actors.training.steps = many",
        "actors.training.steps is \"many\", but must be a whole number of 1 or more (FILE, line 1).")]
    [InlineData(
        "actors.training.steps = 0",
        "actors.training.steps is \"0\", but must be a whole number of 1 or more (FILE, line 1).")]
    [InlineData(
        "actors.cluster.links.ring-bytes = 100000",
        "actors.cluster.links.ring-bytes is \"100000\", but must be a power of two from 65536 to 1073741824 (FILE, line 1).")]
    [InlineData(
        "actors.cluster.links.ping-interval = infinite",
        "actors.cluster.links.ping-interval is \"infinite\", but must be a time of at most a day, such as 500ms or 30s (FILE, line 1).")]
    [InlineData(
        "actors.cluster.silence-timeout = infinite",
        "actors.cluster.silence-timeout is \"infinite\", but must be a time of at most a day, such as 500ms or 30s (FILE, line 1).")]
    [InlineData(
        "actors.cluster.links.silence-timeout = 1s",
        "actors.cluster.links.silence-timeout: it must be longer than ping-interval, 1 s (FILE, line 1).")]
    [InlineData(
        "actors.training.learning-rate { constant-until-step = 50, decay-until-tokens = 1e6 }",
        "actors.training.learning-rate.decay-until-tokens: actors.training.learning-rate.constant-until-step is set too, and the decay is counted in steps or in tokens; leave one of them null (FILE, line 1).")]
    [InlineData(
        "actors.training.learning-rate.constant-until-tokens = 5",
        "actors.training.learning-rate.constant-until-tokens: 5 tokens are fewer than the 20480 of the 20 steps of warm-up; use 20480 or more (FILE, line 1).")]
    [InlineData(
        "actors.training.learning-rate { constant-until-tokens = 3e4, decay-until-tokens = 2e4 }",
        "actors.training.learning-rate.decay-until-tokens: 20000 tokens are fewer than the 30000 up to which the rate is constant; use 30000 or more (FILE, line 1).")]
    [InlineData(
        "actors.training.learning-rate { later-from-tokens = [1e6, 2e6], later-rates = [1e-5] }",
        "actors.training.learning-rate.later-rates: 1 rates for 2 numbers of actors.training.learning-rate.later-from-tokens; name one rate for each (FILE, line 1).")]
    [InlineData(
        "actors.training.learning-rate { decay-until-tokens = 2e6, later-from-tokens = [1e6], later-rates = [1e-5] }",
        "actors.training.learning-rate.later-from-tokens: 1000000 comes before 2000000: later rates begin behind the decay, in ascending order (FILE, line 1).")]
    [InlineData(
        "actors.training.learning-rate { later-from-tokens = [1.5], later-rates = [1e-5] }",
        "actors.training.learning-rate.later-from-tokens is a list, but must be a list of whole numbers of 0 or more, such as [1e12, 2e12] (FILE, line 1).")]
    [InlineData(
        "actors.training.gradient-accumulation = 3",
        "actors.training.gradient-accumulation: 3 passes do not divide the 8 sequences of actors.training.batch-sequences; use a divisor (FILE, line 1).")]
    [InlineData(
        "actors.training.batch-ramp.start-sequences = 4",
        "actors.training.batch-ramp.start-sequences: actors.training.batch-ramp.start-sequences and actors.training.batch-ramp.tokens make a ramp together; set both, or leave both null (FILE, line 1).")]
    [InlineData(
        "actors.training.batch-ramp { start-sequences = 3, tokens = 1e6 }\nactors.parallel.data-groups = 2",
        "actors.training.batch-ramp.start-sequences: steps grow by multiples of 1 sequences, which do not divide over 2 data groups; use start-sequences and increments that are multiples of 2 (FILE, line 1).")]
    [InlineData(
        "actors.pipeline { schedule = 1f1b, micro-batches = 2000 }\nactors.training { batch-sequences = 2000, batch-ramp { start-sequences = 1, increment = 1, tokens = 1e12 } }",
        "actors.training.batch-ramp.start-sequences: steps grow over 2000 numbers of micro-batches up to 2000, whose timetables in 2 stages have 4002000 chunks together, more than 1048576; use a larger increment (FILE, line 2).")]
    [InlineData(
        "actors.training.steps = [1]",
        "actors.training.steps is a list, but must be a whole number of 1 or more (FILE, line 1).")]
    [InlineData(
        "actors.training.steps = null",
        "actors.training.steps is null, but must be a whole number of 1 or more (FILE, line 1).")]
    [InlineData(
        "actors.fabric.channels = 5000",
        "actors.fabric.channels is \"5000\", but must be a whole number from 1 to 1024 (FILE, line 1).")]
    [InlineData(
        "actors.training.seed = 1.5",
        "actors.training.seed is \"1.5\", but must be a whole number of 64 bits (FILE, line 1).")]
    [InlineData(
        "actors.inference.top-p = 0",
        "actors.inference.top-p is \"0\", but must be a number above 0 to 1 (FILE, line 1).")]
    [InlineData(
        "actors.data.held-out-fraction = 1",
        "actors.data.held-out-fraction is \"1\", but must be a number from 0 to below 1 (FILE, line 1).")]
    [InlineData(
        "actors.training.optimizer.epsilon = NaN",
        "actors.training.optimizer.epsilon is \"NaN\", but must be a number above 0 (FILE, line 1).")]
    [InlineData(
        "actors.training.bias-update-speed = -1",
        "actors.training.bias-update-speed is \"-1\", but must be a number of 0 or more (FILE, line 1).")]
    [InlineData(
        "actors.training.learning-rate { peak = 1e-3, floor = 2e-3 }",
        "actors.training.learning-rate.floor is \"2e-3\", but must be a number from 0 to 0.001 (FILE, line 1).")]
    [InlineData(
        "actors.training.learning-rate { warmup-steps = 9, constant-until-step = 8 }",
        "actors.training.learning-rate.constant-until-step is \"8\", but must be a whole number of 9 or more (FILE, line 1).")]
    [InlineData(
        "actors.training.recompute = maybe",
        "actors.training.recompute is \"maybe\", but must be on or off (FILE, line 1).")]
    [InlineData(
        "actors.pipeline.schedule = forward",
        "actors.pipeline.schedule is \"forward\", but must be gpipe or 1f1b or interleaved-1f1b or zb1p or interleaved-zero-bubble or zbv "
        + "or chimera or dualpipe or dualpipev (FILE, line 1).")]
    [InlineData(
        "actors.backend.name = tpu",
        "actors.backend.name is \"tpu\", but must be cpu or cuda (FILE, line 1).")]
    [InlineData(
        "actors.training.precision = half",
        "actors.training.precision is \"half\", but must be float32 or bfloat16 or fp8 (FILE, line 1).")]
    [InlineData(
        "actors.cuda.devices = 0",
        "actors.cuda.devices is \"0\", but must be a list of different whole numbers from 0 to 1023, such as [0, 1] (FILE, line 1).")]
    [InlineData(
        "actors.cuda.devices = [1, 1]",
        "actors.cuda.devices is a list, but must be a list of different whole numbers from 0 to 1023, such as [0, 1] (FILE, line 1).")]
    [InlineData(
        "actors.cuda.devices = []",
        "actors.cuda.devices is a list, but must be a list of different whole numbers from 0 to 1023, such as [0, 1] (FILE, line 1).")]
    [InlineData(
        "actors { cuda.devices = [0, 1, 2], backend.name = cuda }",
        "actors.cuda.devices: 8 ranks do not divide over 3 devices, and each takes as many; name 2, or change the ranks (FILE, line 1).")]
    [InlineData(
        "actors.data.paths = a.txt",
        "actors.data.paths is \"a.txt\", but must be a list of texts, such as [\"a.txt\", \"texts\"] (FILE, line 1).")]
    [InlineData(
        "actors.watchdog.stall-timeout = soon",
        "actors.watchdog.stall-timeout is \"soon\", but must be a time such as 500ms, 30s or 5 minutes, or infinite (FILE, line 1).")]
    [InlineData(
        "actors.watchdog.stall-timeout = 0s",
        "actors.watchdog.stall-timeout is \"0s\", but must be a time above 0, such as 500ms, 30s or 5 minutes, or infinite (FILE, "
        + "line 1).")]
    [InlineData(
        "actors.model.rope-head-size = 15",
        "actors.model.rope-head-size: 15 is odd: rotary embedding turns pairs; make it even (FILE, line 1).")]
    [InlineData(
        "actors.model.experts-per-token = 9",
        "actors.model.experts-per-token: 9 is more than the 8 experts of actors.model.expert-groups-kept = 2 groups (FILE, line 1).")]
    [InlineData(
        "actors.model.rope.yarn { factor = 4, beta-fast = 0.5 }",
        "actors.model.rope.yarn.beta-fast: 0.5 is less than actors.model.rope.yarn.beta-slow = 1 (FILE, line 1).")]
    public void A_bad_key_or_value_is_named_with_its_mend(string text, string message) => Fails(text, message);

    [Theory]
    [InlineData(
        "actors.parallel.pipeline-ranks = 6, actors.pipeline.micro-batches = 12",
        "actors.parallel.pipeline-ranks: 6 ranks are more than the model's 4 layers, and every stage needs one; use at most 4 (FILE, "
        + "line 1).")]
    [InlineData(
        "actors.parallel.pipeline-ranks = 3",
        "actors.parallel.pipeline-ranks: dualpipe needs an even number of ranks, not 3: use 2 or 4 (FILE, line 1).")]
    [InlineData(
        "actors { parallel.pipeline-ranks = 2, pipeline { schedule = interleaved-1f1b, stages-per-rank = 3 } }",
        "actors.parallel.pipeline-ranks: 2 ranks of 3 stages are more than the model's 4 layers, and every stage needs one; use at most 1 "
        + "(FILE, line 1).")]
    [InlineData(
        "actors.pipeline { schedule = zbv, stages-per-rank = 3 }",
        "actors.pipeline.stages-per-rank: zbv holds 2 stages a rank, not 3: use 2 (FILE, line 1).")]
    [InlineData(
        "actors.pipeline.micro-batches = 2",
        "actors.pipeline.micro-batches: dualpipe needs at least 2 micro-batches a rank, 4 at 2 ranks, not 2: use 4 (FILE, line 1).")]
    [InlineData(
        "actors.parallel.expert-ranks = 3",
        "actors.parallel.expert-ranks: 16 routed experts do not divide over 3 ranks, and every rank holds as many; use a divisor of "
        + "16 (FILE, line 1).")]
    [InlineData(
        "actors.parallel.ranks-per-node = 3",
        "actors.parallel.ranks-per-node: 4 expert ranks do not fill nodes of 3 ranks; use a divisor of 4 (FILE, line 1).")]
    [InlineData(
        "actors.parallel { expert-ranks = 8, ranks-per-node = 1 }",
        "actors.parallel.ranks-per-node: 4 groups of experts do not divide over 8 nodes, and a group never spans nodes; use nodes of "
        + "more ranks, so that their number divides 4 (FILE, line 1).")]
    [InlineData(
        "actors.parallel { ranks-per-node = 1, node-limit = 1 }",
        "actors.parallel.node-limit: a token's 4 experts in 2 of 4 groups can lie on 2 of 4 nodes, and the limit is 1; keep fewer "
        + "groups or raise the limit (FILE, line 1).")]
    [InlineData(
        "actors.parallel { expert-ranks = 128, ranks-per-node = 1 }\nactors.model { routed-experts = 256, expert-groups = 128 }",
        "actors.parallel.ranks-per-node: 128 expert ranks in nodes of 1 need 128 nodes, and a layer's experts may span 64; use more "
        + "ranks a node (FILE, line 1).")]
    [InlineData(
        "actors.parallel.data-groups = 3",
        "actors.training.batch-sequences: 8 sequences do not divide over 3 data groups; use a multiple of 3 (reference.conf, line LINE).")]
    [InlineData(
        "actors.training.sequence-length = 4096",
        "actors.training.sequence-length: 4096 tokens are more than the model's 2048 positions; use at most 2048 (FILE, line 1).")]
    [InlineData(
        "actors.pipeline { schedule = 1f1b, micro-batches = 1 }\nactors.training { batch-sequences = 1000000, sequence-length = 2048 }",
        "actors.training.batch-sequences: chunks of 250000 sequences of 2048 tokens on 4 expert ranks, 4 experts a token, may bring a rank 8192000000 rows, "
        + "and 2147483647 can be numbered; use fewer sequences, or more micro-batches (FILE, line 2).")]
    [InlineData(
        "actors.inference.max-length = 4096",
        "actors.inference.max-length: 4096 tokens are more than the model's 2048 positions; use at most 2048 (FILE, line 1).")]
    public void An_impossible_placement_is_refused_with_its_rule(string text, string message) => Fails(text, message);

    [Fact]
    public void Bad_hocon_is_named_with_file_line_and_column()
    {
        ConfigurationException error = Error("actors {\n  training { steps = ]\n}");

        Assert.StartsWith($"{ProfilePath}, line 2, column 22: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Bad_hocon_in_an_include_is_named_with_the_include()
    {
        string included = _folder.Write("base.conf", "actors {");

        Assert.Equal($"{included}, line 1, column 8: \"{{\" is never closed: \"}}\" is expected before the end.", Error("include \"base.conf\"").Message);
    }

    [Fact]
    public void A_missing_profile_is_named()
    {
        var error = Assert.Throws<ConfigurationException>(() => LayeredConfiguration.Load("nowhere/x.conf"));

        Assert.Equal("nowhere/x.conf does not exist: name a profile, such as hocon/quickstart.conf.", error.Message);
    }

    [Fact]
    public void A_folder_is_no_profile()
    {
        var error = Assert.Throws<ConfigurationException>(() => LayeredConfiguration.Load(_folder.Path));

        Assert.Equal($"{_folder.Path} can't be read: it is a folder", error.Message);
    }

    [Fact]
    public void A_missing_include_is_named_with_the_file_that_wants_it()
    {
        string missing = Path.Combine(_folder.Path, "none.conf");

        Fails("include \"none.conf\"", $"FILE includes \"none.conf\", but {missing} does not exist: create it or remove the include.");
    }

    [Fact]
    public void A_file_that_includes_itself_is_refused()
    {
        Fails("include \"profile.conf\"", "FILE includes \"profile.conf\" more than 16 files deep: a file includes itself.");
    }

    [Theory]
    [InlineData("actors.training.steps", "--set \"actors.training.steps\" is not key=value; write it like --set actors.training.steps=5.")]
    [InlineData("=5", "--set \"=5\" is not key=value; write it like --set actors.training.steps=5.")]
    [InlineData("training.steps=5", "--set training.steps: keys begin with \"actors.\"; write --set actors.training.steps=5.")]
    [InlineData("actors.training.stepz=5", "actors.training.stepz does not exist: did you mean actors.training.steps? (--set).")]
    [InlineData("actors.training.steps=0", "actors.training.steps is \"0\", but must be a whole number of 1 or more (--set).")]
    [InlineData("actors.training.steps=", "actors.training.steps is \"\", but must be a whole number of 1 or more (--set).")]
    public void A_bad_override_is_named(string set, string message)
    {
        var error = Assert.Throws<ConfigurationException>(
            () => CheckedSettings.Read(LayeredConfiguration.Load(null, [ConfigurationOverride.Parse(set)])));

        Assert.Equal(message, error.Message);
    }

    [Theory]
    [InlineData("actors.data.paths=[a, b", "column 19: \"[\" is never closed: \"]\" is expected before the end.")]
    [InlineData(
        "actors.data.paths=[C:\\x]",
        "column 21: \":\" can't stand in a text without quotes; put the text in double quotes, or begin a new line.")]
    [InlineData("actors.data.paths=[a#b]", "column 21: a comment begins here; put a text with \"#\" or \"//\" in double quotes.")]
    [InlineData("actors.data.paths=[a], actors.training.steps=5", "column 22: the end of the value is expected, not \",\".")]
    [InlineData("actors.model.path=\"a", "column 19: a double quote is never closed.")]
    [InlineData("actors..path=5", "column 8: a part of the key is empty.")]
    [InlineData("actors.model.path=${x", "column 19: \"${\" is never closed: \"}\" is expected before the end.")]
    public void An_override_that_is_no_hocon_is_named_with_its_column(string set, string reason)
    {
        var error = Assert.Throws<ConfigurationException>(() => LayeredConfiguration.Load(null, [ConfigurationOverride.Parse(set)]));

        Assert.Equal($"--set {set}, {reason}", error.Message);
    }

    [Fact]
    public void A_default_length_is_no_error_where_the_model_has_fewer_positions()
    {
        string profile = _folder.Write("profile.conf", "actors { model.max-positions = 512, training.sequence-length = 64 }");

        Assert.True(CheckedSettings.Read(LayeredConfiguration.Load(profile)).Inference.MaxLength > 512);
    }

    [Fact]
    public void A_model_folder_postpones_the_check_of_the_placement()
    {
        string profile = _folder.Write("profile.conf", "actors.model.path = models/x, actors.parallel.expert-ranks = 3");
        ActorsSettings settings = CheckedSettings.Read(LayeredConfiguration.Load(profile));

        Assert.Equal("models/x", settings.Model.Path);
        var error = Assert.Throws<ConfigurationException>(() => CheckedSettings.Check(settings, settings.Model.Config));
        Assert.StartsWith("actors.parallel.expert-ranks: ", error.Message, StringComparison.Ordinal);
    }

    private string ProfilePath => Path.Combine(_folder.Path, "profile.conf");

    private void Fails(string text, string message)
    {
        string[] reference = File.ReadAllLines(Path.Combine(Repository.Root, "src/Actors/Configuration/reference.conf"));
        int line = Array.FindIndex(reference, l => l.Trim().StartsWith("batch-sequences", StringComparison.Ordinal)) + 1;

        Assert.Equal(message.Replace("FILE", ProfilePath).Replace("LINE", $"{line}"), Error(text).Message);
    }

    private ConfigurationException Error(string text)
    {
        _folder.Write("profile.conf", text);
        return Assert.ThrowsAny<ConfigurationException>(() => CheckedSettings.Read(LayeredConfiguration.Load(ProfilePath)));
    }
}
