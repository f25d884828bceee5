package io.dormouse.udp;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A datagram that is to be sent.
 *
 * @param data the library's own copy
 * @param to null for the address that the socket is connected to
 */
record OutgoingDatagram(ByteBuffer data, @Nullable InetSocketAddress to) {
  boolean isEmpty() {
    return !data.hasRemaining();
  }
}
