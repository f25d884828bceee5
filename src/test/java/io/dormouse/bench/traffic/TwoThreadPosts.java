package io.dormouse.bench.traffic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The limit for a library that does no I/O on the app's thread: that hands datagrams to another
 * one.
 */
final class TwoThreadPosts extends BlockingPosts {
  private final Writer writer = new Writer(MOST_IN_FLIGHT, MOST_IN_FLIGHT, this::write);
  private final Semaphore sent = new Semaphore(0);

  TwoThreadPosts(int port) throws IOException {
    super(port);
    writer.start();
  }

  @Override
  public int send(int number, int size) throws InterruptedException {
    ByteBuffer datagram = ByteBuffer.allocateDirect(size).put(0, (byte) 'c');
    for (int i = 0; i < number; i++) {
      writer.put(datagram.duplicate());
    }
    return sent.tryAcquire(number, LIMIT_NANOS, TimeUnit.NANOSECONDS) ? 0 : number;
  }

  private void write(List<ByteBuffer> batch) throws IOException {
    for (ByteBuffer datagram : batch) {
      channel.write(datagram);
    }
    sent.release(batch.size());
  }

  @Override
  public void close() throws IOException {
    writer.close();
    super.close();
  }
}
