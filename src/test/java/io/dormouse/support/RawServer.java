package io.dormouse.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A TCP server on loopback that does nothing but accept: the test plays the peer, on the sockets it
 * gets from {@link #next()}.
 */
public final class RawServer implements AutoCloseable {
  private final ServerSocket listener;
  private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();
  private final List<Socket> all = new ArrayList<>();

  /** Starts a server on a free port. */
  public RawServer() {
    this(0);
  }

  /** Starts a server on this port. */
  public RawServer(int port) {
    try {
      listener = new ServerSocket();
      listener.setReuseAddress(true);
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_024);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread acceptor = new Thread(this::accept, "raw-server-" + port());
    acceptor.setDaemon(true);
    acceptor.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        synchronized (all) {
          all.add(socket);
        }
        accepted.add(socket);
      }
    } catch (IOException e) {
      // The listener was closed.
    }
  }

  /** Returns the port. */
  public int port() {
    return listener.getLocalPort();
  }

  /** Waits for the next connection. */
  public Socket next() {
    try {
      Socket socket = accepted.poll(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
      if (socket == null) {
        throw new AssertionError("nobody connected");
      }
      socket.setSoTimeout((int) Await.LIMIT.toMillis());
      return socket;
    } catch (InterruptedException | IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns how many connections there have been. */
  public int accepted() {
    synchronized (all) {
      return all.size();
    }
  }

  @Override
  public void close() {
    try {
      listener.close();
      synchronized (all) {
        for (Socket socket : all) {
          socket.close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
