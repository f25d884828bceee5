package io.dormouse.bench.traffic;

import io.dormouse.bench.Setting;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The limit for a library whose app may keep what it gets: each piece is in memory of its own. */
final class CopyingEchoes extends LoopEchoes {
  CopyingEchoes(Protocol protocol, Setting setting, int size, int connections) throws IOException {
    super(protocol, setting, size, connections);
  }

  @Override
  protected ByteBuffer own(ByteBuffer bytes) {
    return copy(bytes);
  }

  /** Puts what is left of some bytes into new memory. */
  static ByteBuffer copy(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    return ByteBuffer.wrap(copy);
  }
}
