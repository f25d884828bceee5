package io.dormouse.websocket;

import java.nio.ByteBuffer;

/** What a WebSocket tells its handle, for the app's callbacks. */
interface WebSocketEvents {
  void text(String text);

  void binary(ByteBuffer data);

  void pong(ByteBuffer data);
}
