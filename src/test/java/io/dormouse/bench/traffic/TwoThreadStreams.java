package io.dormouse.bench.traffic;

import io.dormouse.bench.load.Ports;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The limit for a library that does no I/O on the app's thread: that hands pieces to another one,
 * which writes those that wait together. As much waits as the others have in flight.
 */
final class TwoThreadStreams extends BlockingStreams {
  private static final int MOST_AT_ONCE = 16;

  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
  private final Writer writer = new Writer(MOST_IN_FLIGHT, MOST_AT_ONCE, this::write);

  TwoThreadStreams(Ports ports) throws IOException {
    super(ports);
    writer.start();
  }

  @Override
  public long up(long bytes) throws Exception {
    begin(sink, bytes);
    for (long left = bytes; left > 0; left -= PIECE) {
      writer.put(piece.duplicate().limit((int) Math.min(left, PIECE)));
    }
    return count();
  }

  private void write(List<ByteBuffer> batch) throws IOException {
    ByteBuffer[] pieces = batch.toArray(new ByteBuffer[0]);
    while (pieces[pieces.length - 1].hasRemaining()) {
      sink.write(pieces);
    }
  }

  @Override
  public void close() throws IOException {
    writer.close();
    super.close();
  }
}
