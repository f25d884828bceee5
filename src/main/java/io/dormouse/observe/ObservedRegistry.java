package io.dormouse.observe;

import io.dormouse.connection.Connection;
import io.dormouse.task.LongRunningTask;
import java.util.List;

/**
 * A registry as those see it that measure and record it. {@code io.dormouse.ConnectionRegistry} is
 * one; apps hand it over and need not know this type.
 *
 * <p>All methods are safe from any thread and return at once.
 */
public interface ObservedRegistry {
  /** {@return the registered connections, in order of registration} */
  List<Connection> connections();

  /** {@return the live long-running tasks, in order of their start} */
  List<LongRunningTask> tasks();

  /**
   * Adds an observer, which hears of everything from now on. Adding it twice is the same as once.
   *
   * @param observer called on threads of the library, one call at a time; is held until it is
   *     removed
   */
  void addObserver(RegistryObserver observer);

  /**
   * Returns the time by the registry's clock, which that of each {@linkplain ConnectionStep#nanos()
   * step} is taken from.
   *
   * @return nanoseconds; only the difference to another time of the same registry says something
   */
  long nanoTime();

  /**
   * Removes an observer. A call that has begun goes on; what waits for it is not told any more.
   *
   * @param observer the same object as was added; another does nothing
   */
  void removeObserver(RegistryObserver observer);
}
