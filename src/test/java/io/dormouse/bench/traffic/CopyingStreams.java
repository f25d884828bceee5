package io.dormouse.bench.traffic;

import io.dormouse.bench.load.Ports;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The limit for a library whose app may keep what it gets: each piece is in memory of its own. */
final class CopyingStreams extends BlockingStreams {
  CopyingStreams(Ports ports) throws IOException {
    super(ports);
  }

  @Override
  protected ByteBuffer own(ByteBuffer bytes) {
    return CopyingEchoes.copy(bytes);
  }
}
