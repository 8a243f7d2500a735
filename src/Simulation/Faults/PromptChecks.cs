using Actors.Runtime.Serving;
using Actors.Simulation.Turns;

namespace Actors.Simulation.Faults;

/// <summary>What the users of a cluster's answers see, held to what they were promised.</summary>
/// <param name="loop">Whose time it takes.</param>
/// <param name="note">Writes down what a reader of the history wants to know.</param>
internal sealed class PromptChecks(SimulationLoop loop, Action<string> note)
{
    private readonly List<(SimulatedUser User, Action Ask)> _users = [];
    private int _noted;

    /// <summary>Whether each has got its end.</summary>
    public bool HaveEnded
    {
        get
        {
            int ended = _users.Count(user => EndOf(user.User) is not null);
            if (ended > _noted)
            {
                _noted = ended;
                note($"{ended} of {_users.Count} prompts have their end");
            }

            return ended == _users.Count;
        }
    }

    /// <summary>The answers so far.</summary>
    public int[][] Answers => [.. _users.Select(user => user.User.Messages.OfType<TokenGenerated>().Select(token => token.Token).ToArray())];

    /// <summary>Prompts that were refused, or whose answers failed.</summary>
    public int Refused => _users.Count(user => EndOf(user.User) is not (null or InferenceEnded));

    /// <summary>A user asks at a time.</summary>
    public void Add(SimulatedUser user, long after, Action ask)
    {
        _users.Add((user, ask));
        loop.At(loop.Now + after, ask, process: null);
    }

    /// <summary>Each answer is that of the undisturbed run, or begins it and ends with a reason; null: it is.</summary>
    /// <param name="expected">The undisturbed answers.</param>
    public string? DifferenceFrom(IReadOnlyList<int[]> expected)
    {
        int[][] answers = Answers;
        for (int i = 0; i < answers.Length; i++)
        {
            object? end = EndOf(_users[i].User);
            string got = $"prompt {i} was answered {string.Join(' ', answers[i])}, in the undisturbed run {string.Join(' ', expected[i])}";
            if (!answers[i].SequenceEqual(expected[i].Take(answers[i].Length)) || (end is InferenceEnded && answers[i].Length != expected[i].Length))
            {
                return got;
            }

            if (end is InferenceEnded { Reason: EndReason.Stopped })
            {
                return $"prompt {i} was stopped, and nobody asked for it";
            }

            if (ReasonIn(end) is { Length: 0 })
            {
                return $"prompt {i} was refused without a reason";
            }
        }

        return null;
    }

    private static object? EndOf(SimulatedUser user) => user.Messages is [.., InferenceEnded or InferenceRefused or InferenceFailed] messages ? messages[^1] : null;

    private static string? ReasonIn(object? end) => end switch
    {
        InferenceRefused refused => refused.Reason,
        InferenceFailed failed => failed.Reason,
        _ => null,
    };
}
