package io.dormouse.bench;

import java.io.IOException;

/**
 * One way of doing a piece of work. It is made in a process of its own, by a public constructor
 * that takes a {@link Setting}, and does the work as often as it is told to.
 */
public interface Contender extends AutoCloseable {
  /**
   * Does the work once and measures it. What is not part of the work, such as clearing up after it,
   * is done in here too, outside of the measured time.
   */
  Round play() throws Exception;

  /** Gives everything back. */
  @Override
  void close() throws IOException;
}
