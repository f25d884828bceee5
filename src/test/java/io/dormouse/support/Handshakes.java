package io.dormouse.support;

import static org.assertj.core.api.Assertions.assertThat;

import javax.net.ssl.SSLSession;

/**
 * The handshakes of a server, as the JDK has it on that side: a session of a full one was made
 * after its client came, and one that is resumed was made before. Any thread.
 */
public final class Handshakes {
  private int all;
  private int full;

  /**
   * One is done.
   *
   * @param cameMillis when the client came, as {@link System#currentTimeMillis()} has it
   */
  public synchronized void add(long cameMillis, SSLSession session) {
    all++;
    full += session.getCreationTime() >= cameMillis ? 1 : 0;
  }

  private synchronized boolean are(int expected) {
    return all >= expected;
  }

  /** Waits until there were so many handshakes, of which so many must have been full ones. */
  public void await(int expected, int expectedFull) {
    Await.until("the server has had " + expected + " handshakes", () -> are(expected));
    synchronized (this) {
      assertThat(all).isEqualTo(expected);
      assertThat(full).isEqualTo(expectedFull);
    }
  }
}
