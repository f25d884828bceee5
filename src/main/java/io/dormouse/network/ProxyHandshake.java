package io.dormouse.network;

import java.nio.ByteBuffer;

/**
 * What is said between us and a proxy until it has opened a way to the host. It knows no transport.
 * What follows the proxy's last word is the host's, and must not be read here.
 */
interface ProxyHandshake {
  /** Nothing to be said. */
  ByteBuffer SILENCE = ByteBuffer.allocate(0);

  /** Returns what we say first. */
  ByteBuffer begin();

  /**
   * Returns how many bytes may be read next: as many as the proxy is sure to say yet; 0 when the
   * way is open.
   */
  int wanted();

  /**
   * Takes what the proxy has said.
   *
   * @return what we say next, which may be nothing
   * @throws ProxyException if it opens no way
   */
  ByteBuffer take(ByteBuffer bytes) throws ProxyException;
}
