package io.dormouse.testing;

import java.nio.ByteBuffer;

/** The far side of one stream. What it does not override it does as a server that is well. */
public interface Peer {
  /**
   * The stream is connected.
   *
   * @param socket to answer by
   */
  default void opened(PeerSocket socket) {}

  /**
   * Bytes came, as many as were there.
   *
   * @param socket to answer by
   * @param bytes valid until this returns
   */
  default void received(PeerSocket socket, ByteBuffer bytes) {}

  /**
   * The client has ended its side.
   *
   * @param socket to answer by
   */
  default void ended(PeerSocket socket) {
    socket.finish();
  }

  /**
   * The client has reset the stream, or is not there any more.
   *
   * @param socket to answer by
   */
  default void broken(PeerSocket socket) {}
}
