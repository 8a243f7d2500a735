namespace Akka.Actor;

/// <summary>Something that a system has one of, such as its view of a cluster.</summary>
public interface IExtension
{
}
