package io.dormouse.udp;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A datagram on its way out.
 *
 * @param data the library's own copy
 * @param to null for the address that the socket is connected to
 */
record Parcel(ByteBuffer data, @Nullable InetSocketAddress to) {
  /** What any datagram holds in memory beside its bytes, in either direction: roughly, in bytes. */
  static final int OVERHEAD = 256;

  boolean isEmpty() {
    return !data.hasRemaining();
  }
}
