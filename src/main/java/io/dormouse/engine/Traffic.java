package io.dormouse.engine;

import io.dormouse.connection.CloseReason;

/** What is sent over a connection, as its link needs it. Loop only, but for what is marked. */
interface Traffic {
  /** That of a connection that sends nothing by itself. */
  Traffic NONE = new Traffic() {};

  /** What a generation could not send. */
  record Unsent(int messages, long bytes) {
    static final Unsent NOTHING = new Unsent(0, 0);
  }

  /** The generation has ended, and with it what it has not sent. */
  default Unsent endGeneration(CloseReason reason) {
    return Unsent.NOTHING;
  }

  /** Returns how many sends were refused. Any thread. */
  default long refusals() {
    return 0;
  }
}
