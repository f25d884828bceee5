package io.dormouse.bench.traffic;

import io.dormouse.bench.load.Ports;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The limit for a library whose app may keep what it gets: each piece is in memory of its own. */
final class CopyingStreams extends BlockingStreams {
  private volatile byte[] latest = {}; // where everybody sees it, so that it has to be made

  CopyingStreams(Ports ports) throws IOException {
    super(ports);
  }

  @Override
  protected void take(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    latest = copy;
  }

  /** Returns how long the latest piece is. */
  int latestLength() {
    return latest.length;
  }
}
