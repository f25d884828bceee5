package io.dormouse.udp;

import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * One datagram that was received. It is the app's own, to keep and to read on any thread: the
 * library doesn't touch it again. Its {@link #toString()} doesn't show the data. It is a record of
 * these two for good: the JDK tells no more of a datagram.
 *
 * @param sender who sent it, as the network says: anybody may claim any address
 * @param data the payload, at most 65,527 bytes and possibly none; read-only
 */
public record Datagram(InetSocketAddress sender, ByteBuffer data) {
  /**
   * Wraps the bytes that remain in {@code data}, without a copy.
   *
   * @param sender who sent it
   * @param data the payload, from its position to its limit; must not be changed any more
   */
  public Datagram {
    Objects.requireNonNull(sender, "sender");
    data = data.slice().asReadOnlyBuffer();
  }

  /**
   * {@return the payload from its first byte to its last} Each call returns a buffer with a
   * position of its own, so that reading it through hides nothing from others.
   */
  @Override
  public ByteBuffer data() {
    return data.duplicate();
  }

  /** {@return a copy of the payload} */
  public byte[] bytes() {
    byte[] bytes = new byte[data.remaining()];
    data.duplicate().get(bytes);
    return bytes;
  }
}
