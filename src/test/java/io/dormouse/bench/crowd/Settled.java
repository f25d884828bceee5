package io.dormouse.bench.crowd;

import io.dormouse.support.Await;
import io.dormouse.support.OsSockets;

/** What the operating system says of the sockets of this process. */
final class Settled {
  private Settled() {}

  /** Waits until the process has no socket: the next round begins with none. */
  static void awaitNoSockets() {
    if (OsSockets.isAvailable()) {
      Await.until("no socket is left", () -> OsSockets.list().isEmpty());
    }
  }

  /** Checks that the process has no socket at this moment. */
  static void checkNoSockets() {
    if (OsSockets.isAvailable() && !OsSockets.list().isEmpty()) {
      throw new AssertionError("said to be gone, and still there: " + OsSockets.list().size());
    }
  }
}
