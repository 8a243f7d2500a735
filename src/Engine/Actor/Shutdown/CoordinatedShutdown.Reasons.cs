namespace Akka.Actor;

/// <summary>Why a system ends.</summary>
public sealed partial class CoordinatedShutdown
{
    /// <summary>Why a system ends; derive from it for a reason of your own.</summary>
    public class Reason
    {
        /// <summary>Creates a reason.</summary>
        protected Reason()
        {
        }
    }

    /// <summary>Nobody said.</summary>
    public class UnknownReason : Reason
    {
        /// <summary>The only instance.</summary>
        public static readonly Reason Instance = new UnknownReason();

        private UnknownReason()
        {
        }
    }

    /// <summary><see cref="ActorSystem.Terminate"/> was called.</summary>
    public class ActorSystemTerminateReason : Reason
    {
        /// <summary>The only instance.</summary>
        public static readonly Reason Instance = new ActorSystemTerminateReason();

        private ActorSystemTerminateReason()
        {
        }
    }

    /// <summary>The process ends.</summary>
    public class ClrExitReason : Reason
    {
        /// <summary>The only instance.</summary>
        public static readonly Reason Instance = new ClrExitReason();

        private ClrExitReason()
        {
        }
    }

    /// <summary>The cluster has taken the node out.</summary>
    public class ClusterDowningReason : Reason
    {
        /// <summary>The only instance.</summary>
        public static readonly Reason Instance = new ClusterDowningReason();

        private ClusterDowningReason()
        {
        }
    }

    /// <summary>The node leaves its cluster.</summary>
    public class ClusterLeavingReason : Reason
    {
        /// <summary>The only instance.</summary>
        public static readonly Reason Instance = new ClusterLeavingReason();

        private ClusterLeavingReason()
        {
        }
    }

    /// <summary>The node could not join its cluster.</summary>
    public class ClusterJoinUnsuccessfulReason : Reason
    {
        /// <summary>The only instance.</summary>
        public static readonly Reason Instance = new ClusterJoinUnsuccessfulReason();

        private ClusterJoinUnsuccessfulReason()
        {
        }
    }
}
