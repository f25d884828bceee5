package io.dormouse.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A proxy on loopback, for HTTP's CONNECT or SOCKS 5, with a user and a password or without. All
 * hosts are this machine: it looks no names up.
 */
public final class TestProxy implements AutoCloseable {
  private final ServerSocket listener;
  private final Proxy.Type type;
  private final String user;
  private final String password;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** What it was asked for: hosts and ports. */
  public final List<String> asked = new CopyOnWriteArrayList<>();

  /** Starts a proxy that serves everybody. */
  public TestProxy(Proxy.Type type) {
    this(type, null, null);
  }

  /** Starts a proxy that serves one user. */
  public TestProxy(Proxy.Type type, String user, String password) {
    this.type = type;
    this.user = user;
    this.password = password;
    try {
      listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread unused = start("proxy-" + listener.getLocalPort(), this::accept);
  }

  private static Thread start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Returns it as an app's selector names it. */
  public Proxy proxy() {
    SocketAddress address = listener.getLocalSocketAddress();
    return new Proxy(type, address);
  }

  /** Returns how many clients it holds a connection of. */
  public long clients() {
    return open.size();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        open.add(client);
        Thread unused = start("proxy-client", () -> serve(client));
      }
    } catch (IOException e) {
      // The listener was closed.
    }
  }

  private void serve(Socket client) {
    try (client) {
      InputStream in = client.getInputStream();
      OutputStream out = client.getOutputStream();
      int port = type == Proxy.Type.HTTP ? connect(in, out) : socks(new DataInputStream(in), out);
      if (port > 0) {
        relay(client, port);
      }
    } catch (IOException e) {
      // One of the two has gone.
    } finally {
      open.remove(client);
    }
  }

  private static void relay(Socket client, int port) throws IOException {
    try (Socket host = new Socket(InetAddress.getLoopbackAddress(), port)) {
      Thread back = start("proxy-back", () -> copy(host, client));
      copy(client, host);
      back.join();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      try {
        from.close();
        to.close();
      } catch (IOException again) {
        // They are as good as closed.
      }
    }
  }

  private int connect(InputStream in, OutputStream out) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (!bytes.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        return 0;
      }
      bytes.write(next);
    }
    String head = bytes.toString(ISO_8859_1);
    String authority = head.substring("CONNECT ".length(), head.indexOf(" HTTP/1.1"));
    asked.add(authority);
    String basic = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
    if (user != null && !head.contains("\r\nProxy-Authorization: Basic " + basic + "\r\n")) {
      String no =
          "HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 4\r\n\r\n";
      out.write((no + "Who?").getBytes(ISO_8859_1));
      return 0;
    }
    out.write("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n".getBytes(ISO_8859_1));
    return Integer.parseInt(authority.substring(authority.lastIndexOf(':') + 1));
  }

  private int socks(DataInputStream in, OutputStream out) throws IOException {
    in.readFully(new byte[1]);
    byte[] methods = new byte[in.readByte()];
    in.readFully(methods);
    if (user == null) {
      out.write(new byte[] {5, 0});
    } else if (new String(methods, ISO_8859_1).indexOf(2) < 0) {
      out.write(new byte[] {5, -1});
      return 0;
    } else {
      out.write(new byte[] {5, 2});
      in.readFully(new byte[1]);
      boolean known = List.of(text(in), text(in)).equals(List.of(user, password));
      out.write(new byte[] {1, (byte) (known ? 0 : 1)});
      if (!known) {
        return 0;
      }
    }
    in.readFully(new byte[3]);
    int form = in.readByte();
    String host;
    if (form == 3) {
      host = text(in);
    } else {
      byte[] address = new byte[form == 1 ? 4 : 16];
      in.readFully(address);
      host = InetAddress.getByAddress(address).getHostAddress();
    }
    int port = in.readUnsignedShort();
    asked.add(host + ":" + port);
    out.write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 1, 1});
    return port;
  }

  private static String text(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readUnsignedByte()];
    in.readFully(bytes);
    return new String(bytes, UTF_8);
  }

  @Override
  public void close() {
    try {
      listener.close();
      for (Socket each : open) {
        each.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
