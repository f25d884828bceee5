package io.dormouse.bench.crowd;

import io.dormouse.bench.load.Ports;
import io.dormouse.support.OsSockets;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What the operating system says of the sockets to the server.
 *
 * @param ports the server's
 */
record Settled(Ports ports) {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Gives the sockets of a round time to go, and tells of those that stay all the same. */
  void awaitNoSockets() {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (count() > 0 && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    if (count() > 0) {
      System.err.println(count() + " sockets stayed after a round");
    }
  }

  /** Checks that there is no socket at this moment. */
  void checkNoSockets() {
    if (count() > 0) {
      throw new AssertionError("said to be gone, and still there: " + count());
    }
  }

  private long count() {
    Set<Integer> servers =
        Set.of(ports.tcpEcho(), ports.webSocketEcho(), ports.secure().webSocketEcho());
    if (!OsSockets.isAvailable()) {
      return 0;
    }
    return OsSockets.list().stream()
        .map(OsSockets.OsSocket::remotePort)
        .filter(servers::contains)
        .count();
  }
}
