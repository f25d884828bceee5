package io.dormouse.engine;

import io.dormouse.connection.CloseReason;

/** What is sent over a connection, as its link needs it. Loop only, but for what is marked. */
interface Traffic {
  /** That of a connection that sends nothing by itself. */
  Traffic NONE = new Traffic() {};

  /** Counts what a generation could not send. */
  final class Unsent {
    private int messages;
    private long bytes;

    void add(long messageBytes) {
      messages++;
      bytes += messageBytes;
    }

    int messages() {
      return messages;
    }

    long bytes() {
      return bytes;
    }
  }

  /**
   * The generation has ended, and with it what it has not sent. Called again if there was no memory
   * to say so of all of it.
   *
   * @param unsent counts it
   */
  default void endGeneration(CloseReason reason, Unsent unsent) {}

  /** Returns how many sends were refused. Any thread. */
  default long refusals() {
    return 0;
  }
}
