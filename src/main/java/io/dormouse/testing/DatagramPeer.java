package io.dormouse.testing;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Who gets what is sent to a port of a {@link Host}. */
public interface DatagramPeer {
  /**
   * A datagram came.
   *
   * @param from who has sent it
   * @param data valid until this returns
   * @param reply sends one back
   */
  void received(InetSocketAddress from, ByteBuffer data, Consumer<ByteBuffer> reply);
}
