package io.dormouse.http;

import io.dormouse.connection.Connection;
import java.io.IOException;
import java.time.Duration;

/**
 * What calls and sockets ask of their connection, answered for this very moment. Any thread. No
 * code of the app runs here, and none of this needs a lock of the callers.
 */
interface ConnectionView extends Connection {
  /**
   * Returns whether calls and sockets may begin, as far as the app is concerned: it is in front, or
   * a task covers the connection, and it has neither paused nor closed it.
   */
  boolean mayBegin();

  /** Returns whether it is closed for good, so that waiting is no use. */
  boolean isGone();

  /** Returns why a call may not begin now, or could not a moment ago. Nothing of it was sent. */
  default IOException refusal() {
    return refusal(Duration.ZERO);
  }

  /**
   * The same, after it has waited.
   *
   * @param waited for how long; zero if it has not
   */
  IOException refusal(Duration waited);

  /**
   * Returns what a call fails with that was cut off after it was sent.
   *
   * @param cause how OkHttp noticed
   */
  IOException cutOff(IOException cause);

  /** Counts payload bytes. */
  void countSent(long bytes);

  /** Counts payload bytes. */
  void countReceived(long bytes);
}
