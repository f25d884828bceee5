package io.dormouse.websocket;

import java.nio.ByteBuffer;
import org.java_websocket.enums.Opcode;

/**
 * A message on its way out.
 *
 * @param opcode TEXT, BINARY or PING
 * @param payload its bytes; of a text the UTF-8
 */
record Message(Opcode opcode, ByteBuffer payload) {
  int size() {
    return payload.remaining();
  }
}
