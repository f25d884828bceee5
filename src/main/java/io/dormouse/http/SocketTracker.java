package io.dormouse.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes the sockets and remembers them, so that 'closed' is a fact: while it is shut or the
 * connection is not wanted it makes none, but for what a call in flight needs to finish, and what
 * it made can be closed whatever OkHttp thinks of it. Any thread.
 */
final class SocketTracker extends SocketFactory {
  private final SocketFactory delegate;
  private final ConnectionView connection;
  private final Gate gate;

  private final Object lock = new Object();
  private final List<Socket> sockets = new ArrayList<>(); // guarded by lock
  private boolean shut = true; // guarded by lock

  /** Creates a tracker that is shut; {@code delegate} makes the sockets. */
  SocketTracker(SocketFactory delegate, ConnectionView connection, Gate gate) {
    this.delegate = delegate;
    this.connection = connection;
    this.gate = gate;
  }

  /** Makes sockets from now on. */
  void open() {
    synchronized (lock) {
      shut = false;
    }
  }

  /** Makes no socket from now on. Returns those that are still open. */
  List<Socket> shut() {
    synchronized (lock) {
      shut = true;
      sockets.removeIf(Socket::isClosed);
      return List.copyOf(sockets);
    }
  }

  int openSockets() {
    synchronized (lock) {
      sockets.removeIf(Socket::isClosed);
      return sockets.size();
    }
  }

  @Override
  public Socket createSocket() throws IOException {
    CurrentCall.@Nullable Attempt attempt = CurrentCall.takeAttempt(gate);
    if (!mayCreate(attempt)) {
      throw connection.refusal();
    }
    // Not under the lock, since it is the app's code. It is not connected yet, so it holds nothing.
    Socket socket = delegate.createSocket();
    if (attempt != null) {
      attempt.call().connects(attempt.address(), socket); // from now on it can be taken back
    }
    if (!mayCreate(attempt) || !add(socket)) {
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
  private boolean add(Socket socket) {
    synchronized (lock) {
      sockets.removeIf(Socket::isClosed);
      return !shut && sockets.add(socket);
    }
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
