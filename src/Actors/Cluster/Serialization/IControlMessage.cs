namespace Actors.Runtime.Cluster.Serialization;

/// <summary>
/// A message of the control plane that may cross from one process to another: <see cref="ControlMessageSerializer"/> writes it. It carries
/// numbers, text and addresses of actors, and names nothing in the memory of a process.
/// </summary>
public interface IControlMessage;
