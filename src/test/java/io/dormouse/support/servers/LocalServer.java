package io.dormouse.support.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A server on 127.0.0.1. It picks a free port at its first start and keeps it through every
 * restart. All methods are safe from any thread.
 */
public abstract class LocalServer implements AutoCloseable {
  private final AtomicLong accepted = new AtomicLong();
  private final AtomicLong bytesReceived = new AtomicLong();
  private int port;
  private boolean running;

  /**
   * Binds and begins to serve; returns when it accepts.
   *
   * @param address where; port 0 for any that is free
   * @return the port
   */
  protected abstract int open(InetSocketAddress address) throws IOException;

  /** Closes every socket, as the system does for a dead process; returns when the port is free. */
  protected abstract void die();

  /** Starts it, on the port it had before. Does nothing if it runs. */
  public final synchronized void start() {
    if (running) {
      return;
    }
    try {
      port = open(address());
      running = true;
    } catch (IOException e) {
      throw new UncheckedIOException("no server on port " + port, e);
    }
  }

  /**
   * Stops it as if its process was killed: the port refuses, and open connections end without a
   * close handshake. Does nothing if it does not run.
   */
  public final synchronized void stop() {
    if (running) {
      running = false;
      die();
    }
  }

  @Override
  public final void close() {
    stop();
  }

  /** Returns where it is. */
  public final InetSocketAddress address() {
    try {
      // Not getLoopbackAddress(): that may be ::1, while clients are told 127.0.0.1.
      return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  /** Returns the port; 0 before the first start. */
  public final synchronized int port() {
    return port;
  }

  /** Returns how many connections were made to it so far; UDP makes none. */
  public final long accepted() {
    return accepted.get();
  }

  /** Returns how many payload bytes it has received so far. */
  public final long bytesReceived() {
    return bytesReceived.get();
  }

  /** Counts a new connection. */
  protected final void countAccepted() {
    accepted.incrementAndGet();
  }

  /** Counts received payload. */
  protected final void countReceived(int bytes) {
    bytesReceived.addAndGet(bytes);
  }

  /** Starts a daemon thread. */
  protected static Thread startThread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Waits for a thread whose socket was closed: the system frees the port when it has left. */
  protected static void awaitEnd(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
