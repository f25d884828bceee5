package io.dormouse.bench.traffic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The limit for a library that does no I/O on the app's thread: that hands datagrams to another
 * one.
 */
final class TwoThreadPosts extends BlockingPosts {
  private final BlockingQueue<ByteBuffer> due = new ArrayBlockingQueue<>(MOST_IN_FLIGHT);
  private final Semaphore sent = new Semaphore(0);

  TwoThreadPosts(int port) throws IOException {
    super(port);
    Thread thread = new Thread(this::write, "writer");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public int send(int number, int size) throws InterruptedException {
    ByteBuffer datagram = ByteBuffer.allocateDirect(size).put(0, (byte) 'c');
    for (int i = 0; i < number; i++) {
      due.put(datagram.duplicate());
    }
    return sent.tryAcquire(number, LIMIT_NANOS, TimeUnit.NANOSECONDS) ? 0 : number;
  }

  private void write() {
    List<ByteBuffer> batch = new ArrayList<>();
    try {
      while (true) {
        batch.add(due.take());
        due.drainTo(batch);
        for (ByteBuffer datagram : batch) {
          channel.write(datagram);
        }
        sent.release(batch.size());
        batch.clear();
      }
    } catch (InterruptedException | IOException e) {
      System.err.println("the writer ends: " + e); // closed
    }
  }
}
