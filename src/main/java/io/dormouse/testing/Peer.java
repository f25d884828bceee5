package io.dormouse.testing;

import java.nio.ByteBuffer;

/** The far side of one stream. What it does not override it does as a server that is well. */
public interface Peer {
  /** The stream is connected. */
  default void opened(PeerSocket socket) {}

  /** Bytes came, as many as were there. */
  default void received(PeerSocket socket, ByteBuffer bytes) {}

  /** The client has ended its side. */
  default void ended(PeerSocket socket) {
    socket.finish();
  }

  /** The client has reset the stream, or is not there any more. */
  default void broken(PeerSocket socket) {}
}
