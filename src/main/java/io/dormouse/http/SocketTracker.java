package io.dormouse.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the sockets and remembers them, so that 'closed' is a fact: while it is shut or the
 * connection is not wanted it makes none, but for what a call in flight needs to finish, and what
 * it made can be closed whatever OkHttp thinks of it. Any thread, except where a method may block.
 *
 * <p>No socket is asked on the loop whether it is closed: while a close waits for its SO_LINGER,
 * JDK 17 has whoever asks wait too, and JDK 21 says yes before it is true. One is closed here when
 * a close has returned.
 */
final class SocketTracker extends SocketFactory {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.connections");

  private static final int FEW = 16;

  private final SocketFactory delegate;
  private final ConnectionView connection;
  private final Gate gate;
  private final Executor blocking;

  private final Object lock = new Object();
  private final List<Made> sockets = new ArrayList<>(); // guarded by lock
  private int sweepAt = FEW; // guarded by lock
  private boolean shut = true; // guarded by lock

  /**
   * A socket that may be open.
   *
   * @param closesAtOnce whether closing it can't block, as far as is known
   */
  record Made(Socket socket, boolean closesAtOnce) {
    /** Remembers what can be asked as long as nobody else has it. */
    private static Made of(Socket socket) throws IOException {
      // One of a class of the app's can do anything, and its factory may have set the option.
      return new Made(socket, socket.getClass() == Socket.class && socket.getSoLinger() < 0);
    }
  }

  /**
   * Creates a tracker that is shut.
   *
   * @param delegate makes the sockets
   * @param blocking runs what may block
   */
  SocketTracker(SocketFactory delegate, ConnectionView connection, Gate gate, Executor blocking) {
    this.delegate = delegate;
    this.connection = connection;
    this.gate = gate;
    this.blocking = blocking;
  }

  /** Makes sockets from now on. */
  void open() {
    synchronized (lock) {
      shut = false;
    }
  }

  /** Makes no socket from now on. Returns those that may still be open. */
  List<Made> shut() {
    synchronized (lock) {
      shut = true;
      return List.copyOf(sockets);
    }
  }

  /** Returns how many may still be open; once it is shut, those that nobody has closed. */
  int openSockets() {
    synchronized (lock) {
      return sockets.size();
    }
  }

  // ------------------------------------------------------------------------- closing; may block

  /** Closes a socket, or waits for another who does. It may be the app's, and throw. */
  void close(Socket socket) {
    try {
      socket.close();
    } catch (Throwable e) {
      log.debug("{}: closing a socket threw {}", connection.name(), e.getClass());
    }
    if (isClosed(socket)) {
      synchronized (lock) {
        sockets.removeIf(made -> made.socket() == socket);
      }
    }
  }

  /** Closes a socket so that nothing more is sent, and it does not linger. */
  void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
    } catch (Throwable e) {
      log.debug("{}: resetting a socket threw {}", connection.name(), e.getClass());
    }
    close(socket);
  }

  private boolean isClosed(Socket socket) {
    try {
      return socket.isClosed();
    } catch (Throwable e) {
      log.debug("{}: asking a socket threw {}", connection.name(), e.getClass());
      return false;
    }
  }

  /** Forgets those that OkHttp has closed. */
  private void sweep(List<Made> all) {
    for (Made made : all) {
      if (isClosed(made.socket())) {
        close(made.socket()); // returns when it is true
      }
    }
    synchronized (lock) {
      sweepAt = Math.max(FEW, 2 * sockets.size()); // so that each is looked at twice, and no more
    }
  }

  // -------------------------------------------------------------------------------- making them

  @Override
  public Socket createSocket() throws IOException {
    CurrentCall.@Nullable Attempt attempt = CurrentCall.takeAttempt(gate);
    if (!mayCreate(attempt)) {
      throw connection.refusal();
    }
    // Not under the lock, since it is the app's code. It is not connected yet, so it holds nothing.
    Socket socket = delegate.createSocket();
    Made made = Made.of(socket);
    if (attempt != null) {
      attempt.call().connects(attempt.address(), socket); // from now on it can be taken back
    }
    if (!mayCreate(attempt) || !add(made)) {
      socket.close();
      throw connection.refusal();
    }
    return socket;
  }

  /** Without an attempt it is not a call that asks. */
  private boolean mayCreate(CurrentCall.@Nullable Attempt attempt) {
    return attempt == null ? connection.mayBegin() : gate.mayConnect(attempt.call());
  }

  /** A socket is either refused, or seen by {@link #shut()}. */
  private boolean add(Made made) {
    List<Made> all;
    synchronized (lock) {
      if (shut) {
        return false;
      }
      sockets.add(made);
      if (sockets.size() < sweepAt) {
        return true;
      }
      sweepAt = 2 * sockets.size();
      all = List.copyOf(sockets);
    }
    try {
      blocking.execute(() -> sweep(all));
    } catch (RejectedExecutionException e) {
      log.debug("{}: a socket was made after the registry's end", connection.name(), e);
    }
    return true;
  }

  // OkHttp connects its sockets itself; the rest is for others who are given this factory.

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connect(null, new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return connect(new InetSocketAddress(localHost, localPort), new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connect(null, new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
      throws IOException {
    return connect(
        new InetSocketAddress(localAddress, localPort), new InetSocketAddress(address, port));
  }

  private Socket connect(@Nullable InetSocketAddress local, InetSocketAddress remote)
      throws IOException {
    Socket socket = createSocket();
    try {
      if (local != null) {
        socket.bind(local);
      }
      socket.connect(remote);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
