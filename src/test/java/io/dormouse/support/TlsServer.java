package io.dormouse.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import okhttp3.tls.HandshakeCertificates;

/** A TLS server on loopback with the JDK's own sockets, each of which a thread plays. */
public final class TlsServer implements AutoCloseable {
  private final ServerSocket listener;
  private volatile SSLContext context;
  private final Consumer<SSLSocket> options;
  private final Play play;
  private final List<Socket> all = new ArrayList<>();

  /** What a server does with one connection. */
  public interface Play {
    /**
     * Plays it; the socket is closed then. What it throws ends it too.
     *
     * @param below what is below TLS
     */
    void play(SSLSocket socket, Socket below) throws Exception;
  }

  /**
   * Starts a server on a free port.
   *
   * @param options sets up each socket
   */
  public TlsServer(SSLContext context, Consumer<SSLSocket> options, Play play) {
    this.context = context;
    this.options = options;
    this.play = play;
    try {
      listener = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("tls-server-" + port(), this::accept);
  }

  /** Starts one that has the certificate for localhost. */
  public TlsServer(Play play) {
    this(Certificates.server(Certificates.LOCALHOST), play);
  }

  /** Starts one. */
  public TlsServer(HandshakeCertificates certificates, Play play) {
    this(certificates.sslContext(), socket -> {}, play);
  }

  /** Starts one that has the certificate for localhost, and speaks only this version. */
  public TlsServer(String version, Play play) {
    this(
        Certificates.server(Certificates.LOCALHOST).sslContext(),
        socket -> socket.setEnabledProtocols(new String[] {version}),
        play);
  }

  /** Resets the connection, so that TLS can say nothing about it. */
  public static void reset(Socket below) throws IOException {
    below.setSoLinger(true, 0);
    below.close();
  }

  /** Sends back what comes, until the client ends its side. */
  public static void echo(SSLSocket socket, Socket below) throws IOException {
    InputStream in = socket.getInputStream();
    byte[] bytes = new byte[16 << 10];
    for (int n = in.read(bytes); n > 0; n = in.read(bytes)) {
      socket.getOutputStream().write(bytes, 0, n);
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        socket.setSoTimeout((int) Await.LIMIT.toMillis());
        synchronized (all) {
          all.add(socket);
        }
        start("tls-server-" + port() + "-connection", () -> serve(socket));
      }
    } catch (IOException e) {
      // The listener was closed.
    }
  }

  private void serve(Socket below) {
    try (below;
        SSLSocket socket =
            (SSLSocket)
                context.getSocketFactory().createSocket(below, null, below.getPort(), true)) {
      socket.setUseClientMode(false);
      options.accept(socket);
      play.play(socket, below);
    } catch (Exception e) {
      // The client is gone, or has refused us.
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * As if it had been restarted: it knows no session any more. It has the certificate for
   * localhost.
   */
  public void forgetSessions() {
    context = Certificates.server(Certificates.LOCALHOST).sslContext();
  }

  /** Returns the port. */
  public int port() {
    return listener.getLocalPort();
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
      List<Socket> left;
      synchronized (all) {
        left = List.copyOf(all);
      }
      for (Socket socket : left) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
