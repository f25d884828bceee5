package io.dormouse.bench.traffic;

import io.dormouse.bench.load.Ports;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * The limit for a library that does no I/O on the app's thread: that hands pieces to another one,
 * which writes those that wait together. As much waits as the others have in flight.
 */
final class TwoThreadStreams extends BlockingStreams {
  private static final int MOST_AT_ONCE = 16;

  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
  private final BlockingQueue<ByteBuffer> due = new ArrayBlockingQueue<>(MOST_IN_FLIGHT);

  TwoThreadStreams(Ports ports) throws IOException {
    super(ports);
    Thread thread = new Thread(this::write, "writer");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public long up(long bytes) throws Exception {
    begin(sink, bytes);
    for (long left = bytes; left > 0; left -= PIECE) {
      due.put(piece.duplicate().limit((int) Math.min(left, PIECE)));
    }
    return count();
  }

  private void write() {
    List<ByteBuffer> batch = new ArrayList<>();
    try {
      while (true) {
        batch.add(due.take());
        due.drainTo(batch, MOST_AT_ONCE - 1);
        ByteBuffer[] pieces = batch.toArray(new ByteBuffer[0]);
        while (pieces[pieces.length - 1].hasRemaining()) {
          sink.write(pieces);
        }
        batch.clear();
      }
    } catch (InterruptedException | IOException e) {
      System.err.println("the writer ends: " + e); // closed
    }
  }
}
