package io.dormouse.support.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;

/** Serves TCP connections, over TLS or not, each on a thread of its own. */
abstract class StreamServer extends LocalServer {
  private final Optional<SSLSocketFactory> tls;
  private ServerSocket listener;
  private Sockets sockets;
  private Thread acceptor;

  /** Creates one without TLS. */
  StreamServer() {
    tls = Optional.empty();
  }

  /** Creates one that speaks over TLS. */
  StreamServer(SSLContext context) {
    tls = Optional.of(context.getSocketFactory());
  }

  /**
   * Serves a connection until its end; then it is closed.
   *
   * @throws IOException if the client or {@link #stop()} ended it
   */
  protected abstract void serve(Socket socket) throws IOException;

  @Override
  protected final int open(InetSocketAddress address) throws IOException {
    ServerSocket opening = new ServerSocket();
    try {
      // Connections of the life before may still be in TIME_WAIT on this port.
      opening.setReuseAddress(true);
      opening.bind(address);
    } catch (IOException e) {
      opening.close();
      throw e;
    }
    Sockets accepted = new Sockets();
    listener = opening;
    sockets = accepted;
    acceptor = startThread("listener-" + opening.getLocalPort(), () -> accept(opening, accepted));
    return opening.getLocalPort();
  }

  @Override
  protected final void die() {
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sockets.closeAll();
    awaitEnd(acceptor);
  }

  private void accept(ServerSocket listener, Sockets accepted) {
    try {
      while (true) {
        Socket socket = listener.accept();
        countAccepted();
        if (accepted.add(socket)) {
          Thread unused =
              startThread("served-" + listener.getLocalPort(), () -> serve(socket, accepted));
        }
      }
    } catch (IOException e) {
      // The listener was closed.
    }
  }

  private void serve(Socket socket, Sockets accepted) {
    try (socket;
        Socket served = secured(socket)) {
      socket.setTcpNoDelay(true);
      serve(served);
    } catch (IOException e) {
      // The client or stop() ended it.
    } finally {
      accepted.remove(socket);
    }
  }

  private Socket secured(Socket socket) throws IOException {
    return tls.isPresent() ? tls.get().createSocket(socket, null, true) : socket;
  }

  /** The connections of one life of the server. None gets in after the end. */
  private static final class Sockets {
    private final Set<Socket> live = new HashSet<>();
    private boolean closed;

    synchronized boolean add(Socket socket) {
      if (closed) {
        close(socket);
        return false;
      }
      return live.add(socket);
    }

    synchronized void remove(Socket socket) {
      live.remove(socket);
    }

    synchronized void closeAll() {
      closed = true;
      live.forEach(Sockets::close);
    }

    private static void close(Socket socket) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is gone either way.
      }
    }
  }
}
