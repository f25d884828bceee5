package io.dormouse.bench.traffic;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** A thread that writes what another one hands it, several at a time. */
final class Writer implements Closeable {
  private final BlockingQueue<ByteBuffer> due;
  private final int mostAtOnce;
  private final Work work;
  private final Thread thread = new Thread(this::run, "writer");

  /** What is done with those that wait together. */
  interface Work {
    void write(List<ByteBuffer> batch) throws IOException;
  }

  Writer(int mostWaiting, int mostAtOnce, Work work) {
    due = new ArrayBlockingQueue<>(mostWaiting);
    this.mostAtOnce = mostAtOnce;
    this.work = work;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Hands bytes over, and waits while too many do. */
  void put(ByteBuffer bytes) throws InterruptedException {
    due.put(bytes);
  }

  private void run() {
    List<ByteBuffer> batch = new ArrayList<>();
    try {
      while (true) {
        batch.add(due.take());
        due.drainTo(batch, mostAtOnce - 1);
        work.write(batch);
        batch.clear();
      }
    } catch (InterruptedException e) {
      // closed
    } catch (IOException e) {
      System.err.println("the writer ends: " + e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
