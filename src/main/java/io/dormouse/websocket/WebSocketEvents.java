package io.dormouse.websocket;

import java.nio.ByteBuffer;

/** What a wire reports to its handle; messages are for the app's callbacks. */
interface WebSocketEvents {
  /** The server has answered to a handshake, in whatever way. Loop only. */
  void answered(HandshakeResponse response);

  void text(String text);

  void binary(ByteBuffer data);

  void pong(ByteBuffer data);
}
